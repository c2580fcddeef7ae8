"""Forms: what people type, turned into the values that a JSON body has."""
