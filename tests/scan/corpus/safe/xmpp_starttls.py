# kind: safe
# level: plain
# run: none (another protocol)

import slixmpp_like


class Bot(slixmpp_like.ClientXMPP):
    def begin(self):
        self.starttls()
        self.stls = True


bot = Bot("me@example.test", "secret")
bot.starttls()
