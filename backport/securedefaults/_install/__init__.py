"""The hooks: what is replaced in the standard library, and how it is put back."""
