using System.Buffers.Binary;

namespace Engine.Layers;

/// <summary>Bytes in a shape, from a file in the IDX format, plain or compressed by gzip: MNIST's images and labels, and those like them.</summary>
/// <remarks>The format: two zero bytes, a byte for the type (8: unsigned bytes, the only type read here), a byte for the number of axes, each
/// axis' size as a big-endian 32-bit integer, then the numbers, row-major. Source: http://yann.lecun.com/exdb/mnist/ (archived).</remarks>
public sealed class IdxFile
{
    private const int Chunk = 1 << 20;

    private IdxFile(string path, int[] sizes, byte[] data) => (Path, Sizes, Data) = (path, sizes, data);

    /// <summary>The file.</summary>
    public string Path { get; }

    /// <summary>The sizes of the axes, outermost first.</summary>
    public IReadOnlyList<int> Sizes { get; }

    /// <summary>The numbers, row-major.</summary>
    public byte[] Data { get; }

    /// <summary>Reads a whole file.</summary>
    /// <exception cref="DataFormatException">It is truncated, has bytes left over, is damaged, or is not an IDX file of bytes.</exception>
    /// <exception cref="IOException">There is no such file, or it cannot be read.</exception>
    public static IdxFile Read(string path)
    {
        using var stream = new DataStream(path);
        return Read(path, stream);
    }

    internal static IdxFile Read(string path, Stream stream)
    {
        Span<byte> word = stackalloc byte[4];
        ReadHeader(path, stream, word, 0);
        if (word[0] != 0 || word[1] != 0) throw new DataFormatException(path, 0, "it does not begin with two zero bytes. It is not an IDX file.");
        if (word[2] != 8) throw new DataFormatException(path, 2, $"its type is 0x{word[2]:X2}, {TypeName(word[2])}, and only 0x08, unsigned bytes, is read here.");
        var sizes = new int[word[3]];
        if (sizes.Length == 0) throw new DataFormatException(path, 3, "it says that it has no axes. It is not an IDX file of images or labels.");
        long count = 1;
        for (int i = 0; i < sizes.Length; i++)
        {
            ReadHeader(path, stream, word, 4 + 4 * i);
            uint size = BinaryPrimitives.ReadUInt32BigEndian(word);
            count = size == 0 || count == 0 ? 0 : Math.Min(count * Math.Min(size, 1L << 32), 1L << 31);
            if (size > int.MaxValue || count > Array.MaxLength)
                throw new DataFormatException(path, 4 + 4 * i, $"axis {i} has the size {size}, and the whole is over the {Array.MaxLength:N0} bytes that are read at most.");
            sizes[i] = (int)size;
        }
        return new IdxFile(path, sizes, ReadData(path, stream, 4 + 4 * sizes.Length, (int)count));
    }

    private static string TypeName(byte type) => type switch
    {
        0x09 => "signed bytes",
        0x0B => "16-bit integers",
        0x0C => "32-bit integers",
        0x0D => "32-bit floats",
        0x0E => "64-bit floats",
        _ => "which the format does not know",
    };

    /// <summary>Grows with what is really there, so that a header that lies about gigabytes costs nothing.</summary>
    private static byte[] ReadData(string path, Stream stream, int start, int count)
    {
        var data = new byte[Math.Min(count, Chunk)];
        int filled = 0;
        while (true)
        {
            filled += stream.ReadAtLeast(data.AsSpan(filled), data.Length - filled, throwOnEndOfStream: false);
            if (filled < data.Length) throw new DataFormatException(path, start + (long)filled, $"the file ends here, and its header promises {count:N0} bytes of data. It was cut short; get it again.");
            if (filled == count) break;
            Array.Resize(ref data, (int)Math.Min(count, data.Length * 2L));
        }
        if (stream.ReadByte() >= 0) throw new DataFormatException(path, start + (long)count, $"more bytes follow the {count:N0} that the header promises. It is damaged or was written to twice; get it again.");
        return data;
    }

    private static void ReadHeader(string path, Stream stream, Span<byte> word, int at)
    {
        int got = stream.ReadAtLeast(word, word.Length, throwOnEndOfStream: false);
        if (got < word.Length) throw new DataFormatException(path, at + got, "the file ends within its header. It was cut short, or is not an IDX file.");
    }
}
