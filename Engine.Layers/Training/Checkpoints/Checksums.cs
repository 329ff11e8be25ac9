using System.Security.Cryptography;

namespace Engine.Layers;

/// <summary>The SHA-256 of each file of a folder in a file of their own, as <c>sha256sum --check</c> reads it.</summary>
internal static class Checksums
{
    public const string FileName = "checksums.sha256";

    /// <summary>Writes the file for these.</summary>
    public static void Write(string folder, params IReadOnlyList<string> names) => AtomicFile.Write(Path.Combine(folder, FileName), stream =>
    {
        using var writer = new StreamWriter(stream, leaveOpen: true) { NewLine = "\n" };
        foreach (string name in names) writer.WriteLine($"{Of(Path.Combine(folder, name))}  {name}");
    });

    /// <summary>What is not as it was written; null where all is.</summary>
    public static string? Problem(string folder, params IReadOnlyList<string> names)
    {
        if (!File.Exists(Path.Combine(folder, FileName))) return $"{FileName} is missing";
        string[] lines = File.ReadAllLines(Path.Combine(folder, FileName));
        foreach (string name in names)
        {
            string path = Path.Combine(folder, name);
            if (!File.Exists(path)) return $"{name} is missing";
            if (!lines.Contains($"{Of(path)}  {name}")) return $"{name} is not what was written: its SHA-256 differs from that in {FileName}";
        }
        return null;
    }

    private static string Of(string path)
    {
        using var stream = File.OpenRead(path);
        return Convert.ToHexStringLower(SHA256.HashData(stream));
    }
}
