using System.Buffers.Binary;
using System.Text;

namespace Engine.Layers;

/// <summary>Reads word2vec's binary files: "count size\n", then for each word its bytes, a space, the numbers, and mostly a line end.</summary>
internal sealed class WordVectorBinary
{
    private const int LongestWord = 1 << 16;

    private readonly string path;
    private readonly BufferedStream stream;
    private readonly long mostBytes;
    private readonly List<byte> text = [];
    private long offset;

    private WordVectorBinary(string path, BufferedStream stream, long mostBytes) => (this.path, this.stream, this.mostBytes) = (path, stream, mostBytes);

    public static void Read(string path, WordVectors.Found found, CancellationToken cancel)
    {
        var file = new DataStream(path);
        using var stream = new BufferedStream(file, 1 << 16);
        new WordVectorBinary(path, stream, file.MostBytes).Read(found, cancel);
    }

    private void Read(WordVectors.Found found, CancellationToken cancel)
    {
        string? header = Until('\n', "a first line");
        if (header is null) throw WordVectors.Empty(path);
        var (count, size) = WordVectors.Header(header.TrimEnd('\r'), problem => new DataFormatException(path, 0, problem));
        if (size > Math.Min(mostBytes, Array.MaxLength) / 4)
            throw new DataFormatException(path, 0, $"the file is too small for a vector of the {size} numbers that its first line tells of. It was cut short, or is no binary file of word2vec.");
        found.Begin((int)size);
        byte[] bytes = new byte[4 * size];
        var numbers = new float[size];
        for (long i = 0; i < count; i++)
        {
            cancel.ThrowIfCancellationRequested();
            long begin = offset;
            string word = Until(' ', $"word {i + 1}") ?? throw new DataFormatException(path, offset, $"the file ends after {i} of {count} words. It was cut short; get it again.");
            int got = stream.ReadAtLeast(bytes, bytes.Length, throwOnEndOfStream: false);
            offset += got;
            if (got < bytes.Length) throw new DataFormatException(path, offset, $"the file ends within the vector of word {i + 1} of {count}, '{word}'. It was cut short; get it again.");
            for (int d = 0; d < size; d++) numbers[d] = BinaryPrimitives.ReadSingleLittleEndian(bytes.AsSpan(4 * d));
            DataFormatException Error(string problem) => new(path, begin, $"word {i + 1}: {problem}");
            int bad = Array.FindIndex(numbers, number => !float.IsFinite(number));
            if (bad >= 0) throw Error($"number {bad + 1} of '{word}' is {numbers[bad]}. The file is damaged, or no binary file of word2vec.");
            found.Add(word, numbers, Error);
        }
        int next;
        do next = stream.ReadByte();
        while (next == '\n');
        if (next >= 0) throw new DataFormatException(path, offset, $"the file goes on after the {count} words that its first line tells of. It is damaged, or its first line is wrong.");
    }

    /// <summary>The text up to a byte, without line ends before it; null at the end of the file.</summary>
    private string? Until(char end, string what)
    {
        text.Clear();
        long begin = offset;
        while (true)
        {
            int next = stream.ReadByte();
            if (next < 0 && text.Count == 0) return null;
            if (next < 0) throw new DataFormatException(path, offset, $"the file ends within {what}. It was cut short; get it again.");
            offset++;
            if (next == end) break;
            if (next == '\n' && text.Count == 0) continue;
            text.Add((byte)next);
            if (text.Count > LongestWord) throw new DataFormatException(path, begin, $"{what} does not end within {LongestWord:N0} bytes. Is it a binary file of word2vec?");
        }
        try
        {
            return Strict.Utf8.GetString([.. text]);
        }
        catch (DecoderFallbackException e)
        {
            throw new DataFormatException(path, begin, $"{what} is not UTF-8. The file is damaged, or no binary file of word2vec.", e);
        }
    }
}
