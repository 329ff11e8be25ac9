using System.Security.Cryptography;

namespace Engine.Examples;

/// <summary>What is new in a log.</summary>
/// <param name="IsReset">Whether the log is another one than the reader had begun: forget all, this is its beginning.</param>
/// <param name="Offset">Where to read on.</param>
/// <param name="Mark">Tells what is before that place; to be given with it.</param>
/// <param name="Skipped">Lines, or records, that could not be read.</param>
/// <param name="IsMore">Whether there is more already.</param>
/// <param name="Lines">Objects of JSON.</param>
internal sealed record LogPart(bool IsReset, long Offset, string Mark, int Skipped, bool IsMore, IReadOnlyList<string> Lines);

/// <summary>Reads what has come to a log that another process is writing. It remembers nothing: the place is an offset, and a mark by which it sees
/// that the file was cut, or written anew, since.</summary>
internal static class LogReader
{
    /// <summary>Bytes in one part.</summary>
    public const int PartLength = 1 << 20;

    /// <summary>Bytes that the mark is of.</summary>
    private const int MarkLength = 64;

    /// <param name="files">The log's files in order; their offsets go on from one to the next.</param>
    /// <param name="format">How to read them.</param>
    /// <param name="offset">Where to read on; 0 at first.</param>
    /// <param name="mark">As given with the offset; empty at first.</param>
    public static LogPart Read(IReadOnlyList<string> files, ILogFormat format, long offset, string mark)
    {
        long start = 0;
        for (int i = 0; i < files.Count; i++)
        {
            using var file = Open(files[i]);
            long length = file.Length, at = offset - start;
            bool isLast = i == files.Count - 1;
            if (at < 0) break;
            if (at > length || (at == length && !isLast))
            {
                start += length;
                continue;
            }
            if (MarkAt(file, at) != (at == 0 ? "" : mark)) break;
            var (consumed, skipped, lines) = Parse(file, format, at, length);
            if (consumed == 0 && !isLast) (consumed, skipped) = (length - at, skipped + 1);     // its writer died in mid-record
            long next = at + consumed;
            bool isMore = !isLast || length - at > PartLength;
            return new LogPart(false, start + next, MarkAt(file, next), skipped, isMore, lines);
        }
        return offset == 0 ? new LogPart(false, 0, "", 0, false, []) : Read(files, format, 0, "") with { IsReset = true };
    }

    private static (long Consumed, int Skipped, List<string> Lines) Parse(FileStream file, ILogFormat format, long at, long length)
    {
        var bytes = new byte[Math.Min(PartLength, length - at)];
        file.Position = at;
        int got = file.ReadAtLeast(bytes, bytes.Length, throwOnEndOfStream: false);
        var lines = new List<string>();
        var (consumed, skipped) = format.Parse(bytes.AsSpan(0, got), length - at, lines);
        return (Math.Min(consumed, length - at), skipped, lines);
    }

    /// <summary>A checksum of what is before the place; empty at the beginning.</summary>
    private static string MarkAt(FileStream file, long at)
    {
        if (at == 0) return "";
        var before = new byte[Math.Min(MarkLength, at)];
        file.Position = at - before.Length;
        int got = file.ReadAtLeast(before, before.Length, throwOnEndOfStream: false);
        return Convert.ToHexString(SHA256.HashData(before.AsSpan(0, got)).AsSpan(0, 8));
    }

    private static FileStream Open(string path) => new(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
}
