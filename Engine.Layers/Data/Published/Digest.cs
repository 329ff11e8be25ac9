namespace Engine.Layers;

/// <summary>A fingerprint of a file's bytes, as its publisher gives it.</summary>
public sealed record Digest
{
    private Digest(string name, string hex, int length)
    {
        ArgumentNullException.ThrowIfNull(hex);
        if (hex.Length != length || !hex.All(char.IsAsciiHexDigit)) throw new ArgumentException($"'{hex}' is no {name}, which has {length} hexadecimal digits.", nameof(hex));
        (Name, Hex) = (name, hex.ToLowerInvariant());
    }

    /// <summary>MD5 or SHA256.</summary>
    public string Name { get; }

    /// <summary>The digits, in lower case.</summary>
    public string Hex { get; }

    /// <summary>An MD5: shows damage, and is no proof against a forger.</summary>
    /// <exception cref="ArgumentException">It has not 32 hexadecimal digits.</exception>
    public static Digest Md5(string hex) => new("MD5", hex, 32);

    /// <summary>A SHA-256.</summary>
    /// <exception cref="ArgumentException">It has not 64 hexadecimal digits.</exception>
    public static Digest Sha256(string hex) => new("SHA256", hex, 64);

    /// <summary>As an error names it.</summary>
    public override string ToString() => $"{Name} {Hex}";
}
