using System.IO.Compression;

namespace Engine.Layers;

/// <summary>What a file holds, unpacked where it is compressed by gzip, from its beginning to its end. Damage to the gzip is a
/// <see cref="DataFormatException"/>.</summary>
internal sealed class DataStream : Stream
{
    private readonly string path;
    private readonly FileStream file;
    private readonly Stream source;

    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    public DataStream(string path)
    {
        if (!File.Exists(path)) throw new FileNotFoundException($"There is no file {path}.", path);
        this.path = path;
        file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, 1 << 16, FileOptions.SequentialScan);
        try
        {
            Span<byte> start = stackalloc byte[2];
            int got = file.ReadAtLeast(start, 2, throwOnEndOfStream: false);
            file.Position = 0;
            source = got == 2 && start[0] == 0x1F && start[1] == 0x8B ? new GZipStream(file, CompressionMode.Decompress) : file;
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    /// <summary>No file of this length holds more: deflate makes one byte of 1032 at best.</summary>
    public long MostBytes => source == file ? file.Length : 1032 * file.Length;

    public override int Read(Span<byte> buffer)
    {
        try
        {
            return source.Read(buffer);
        }
        catch (InvalidDataException e)
        {
            throw new DataFormatException(path, file.Position, "the gzip data are damaged or cut short. Get the file again.", e);
        }
    }

    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

    protected override void Dispose(bool disposing)
    {
        if (disposing) source.Dispose();   // and the file under it
        base.Dispose(disposing);
    }

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => false;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    public override void Flush()
    {
    }

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
}
