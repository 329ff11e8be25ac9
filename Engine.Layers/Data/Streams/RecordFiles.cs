using Engine.Core;

namespace Engine.Layers;

/// <summary>A record of a file.</summary>
/// <param name="Bytes">Its bytes, its own to keep.</param>
/// <param name="File">The file's path.</param>
/// <param name="Number">Of the record in its file, from 0 on.</param>
public readonly record struct FileRecord(ReadOnlyMemory<byte> Bytes, string File, long Number);

/// <summary>The records of fixed size of many files, .gz or plain, of any length: one is open at a time, and one record of it in memory.</summary>
public sealed class RecordFiles : IStreamingDataset<FileRecord>
{
    private readonly FileOrder files;
    private readonly int recordBytes, headerBytes;

    /// <summary>Files of records.</summary>
    /// <param name="paths">The files.</param>
    /// <param name="recordBytes">Bytes of a record.</param>
    /// <param name="headerBytes">Bytes to pass over at the beginning of each file.</param>
    /// <param name="shuffleFiles">Whether each epoch has the files in an order of its own.</param>
    /// <exception cref="FileNotFoundException">One of them is not there.</exception>
    public RecordFiles(IEnumerable<string> paths, int recordBytes, int headerBytes = 0, bool shuffleFiles = false)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(recordBytes);
        ArgumentOutOfRangeException.ThrowIfNegative(headerBytes);
        (files, this.recordBytes, this.headerBytes) = (new FileOrder(paths, shuffleFiles), recordBytes, headerBytes);
    }

    /// <inheritdoc/>
    /// <exception cref="DataFormatException">A file ends within a record or its header, or its gzip is damaged.</exception>
    public IEnumerable<FileRecord> Read(Rng rng, CancellationToken cancel)
    {
        foreach (string path in files.Of(rng))
        {
            using var stream = new DataStream(path);
            byte[] header = new byte[headerBytes];
            int got = stream.ReadAtLeast(header, headerBytes, throwOnEndOfStream: false);
            if (got < headerBytes) throw new DataFormatException(path, got, $"the file ends within its header of {headerBytes} bytes. It was cut short; get it again.");
            for (long number = 0; ; number++)
            {
                cancel.ThrowIfCancellationRequested();
                byte[] record = new byte[recordBytes];
                got = stream.ReadAtLeast(record, recordBytes, throwOnEndOfStream: false);
                if (got == 0) break;
                if (got < recordBytes)
                    throw new DataFormatException(path, headerBytes + number * recordBytes + got, $"the file ends within record {number}, after {got} of {recordBytes} bytes. It was cut short, or its records have another size.");
                yield return new FileRecord(record, path, number);
            }
        }
    }
}
