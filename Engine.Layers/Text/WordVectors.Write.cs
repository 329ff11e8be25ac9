using System.Buffers.Binary;
using System.Globalization;

namespace Engine.Layers;

public sealed partial class WordVectors
{
    /// <summary>Writes a file, whole or not at all. Text has as many digits as give the same floats when it is read.</summary>
    /// <param name="path">The file.</param>
    /// <param name="format">How to write it.</param>
    /// <param name="progress">Told how many words were written, every thousand.</param>
    /// <param name="cancel">Ends it, and leaves what was there before.</param>
    /// <exception cref="ArgumentException">A word has a space or a line end in it, or is not Unicode; a number is not finite; or there are no words.</exception>
    /// <exception cref="IOException">It could not be written.</exception>
    public void Write(string path, WordVectorFormat format, IProgress<int>? progress = null, CancellationToken cancel = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        if (!Enum.IsDefined(format)) throw new ArgumentOutOfRangeException(nameof(format), format, "There is no such format.");
        if (Count == 0) throw new ArgumentException("There are no words to write.");
        if (Array.Find(words, word => word.AsSpan().ContainsAny(" \r\n")) is { } parted)
            throw new ArgumentException($"The word '{parted.ReplaceLineEndings("\\n")}' has a space or a line end in it, where such files part words from numbers. Put '_' there.");
        float[] numbers = Vectors.ToArray();
        int bad = Array.FindIndex(numbers, number => !float.IsFinite(number));
        if (bad >= 0) throw new ArgumentException($"The vector of '{words[bad / Size]}' has {numbers[bad]} in it, and such files hold finite numbers.");
        bool binary = format == WordVectorFormat.Word2VecBinary;
        AtomicFile.Write(path, stream =>
        {
            if (format != WordVectorFormat.GloVe) stream.Write(Strict.Utf8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{Count} {Size}\n")));
            var line = new byte[32 * Size + 2];
            for (int i = 0; i < Count; i++)
            {
                cancel.ThrowIfCancellationRequested();
                stream.Write(Strict.Utf8.GetBytes(words[i]));
                var vector = numbers.AsSpan(i * Size, Size);
                stream.Write(line.AsSpan(0, binary ? Binary(vector, line) : Text(vector, line)));
                if ((i + 1) % 1000 == 0) progress?.Report(i + 1);
            }
        });
    }

    private static int Binary(ReadOnlySpan<float> vector, Span<byte> line)
    {
        int at = 0;
        line[at++] = (byte)' ';
        foreach (float number in vector)
        {
            BinaryPrimitives.WriteSingleLittleEndian(line[at..], number);
            at += sizeof(float);
        }
        line[at++] = (byte)'\n';
        return at;
    }

    private static int Text(ReadOnlySpan<float> vector, Span<byte> line)
    {
        int at = 0;
        foreach (float number in vector)
        {
            line[at++] = (byte)' ';
            number.TryFormat(line[at..], out int written, default, CultureInfo.InvariantCulture);
            at += written;
        }
        line[at++] = (byte)'\n';
        return at;
    }
}
