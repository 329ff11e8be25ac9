using System.Text;
using Engine.Core;

namespace Engine.Layers;

/// <summary>A line of a file.</summary>
/// <param name="Text">Without its end.</param>
/// <param name="File">The file's path.</param>
/// <param name="Number">Of the line in its file, from 1 on.</param>
public readonly record struct TextLine(string Text, string File, long Number)
{
    /// <summary>Byte at which it begins; in what a .gz holds, for one.</summary>
    public long Offset { get; init; }

    /// <summary>An error of this line, that names it and its file.</summary>
    /// <param name="problem">What is wrong and the likely mend.</param>
    /// <param name="inner">What caused it.</param>
    public DataFormatException Error(string problem, Exception? inner = null) => new(File, Offset, Number, problem, inner);
}

/// <summary>The lines of many text files, .gz or plain, of any length: one is open at a time, and one line of it in memory. A line ends with \n or \r\n.</summary>
public sealed class LineFiles : IStreamingDataset<TextLine>
{
    private readonly FileOrder files;
    private readonly Encoding encoding;
    private readonly int skipLines, longest;

    /// <summary>Files of lines.</summary>
    /// <param name="paths">The files.</param>
    /// <param name="encoding">UTF-8, whose mark at a file's beginning is passed over, unless given; one in which \n is one byte.</param>
    /// <param name="skipLines">Lines to pass over at the beginning of each file: headings.</param>
    /// <param name="shuffleFiles">Whether each epoch has the files in an order of its own.</param>
    /// <param name="longest">Bytes of a line at most, so that a file without line ends does not fill the memory.</param>
    /// <exception cref="FileNotFoundException">One of them is not there.</exception>
    /// <exception cref="ArgumentException">\n is not one byte in that encoding.</exception>
    public LineFiles(IEnumerable<string> paths, Encoding? encoding = null, int skipLines = 0, bool shuffleFiles = false, int longest = 1 << 20)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(skipLines);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(longest);
        this.encoding = Strict.Of(encoding);
        if (this.encoding.GetByteCount("\n") != 1) throw new ArgumentException($"In {this.encoding.WebName} a line does not end with one byte. Convert the files to UTF-8.", nameof(encoding));
        (files, this.skipLines, this.longest) = (new FileOrder(paths, shuffleFiles), skipLines, longest);
    }

    /// <inheritdoc/>
    /// <exception cref="DataFormatException">A line is too long or not in the encoding, or the gzip is damaged.</exception>
    public IEnumerable<TextLine> Read(Rng rng, CancellationToken cancel)
    {
        foreach (string path in files.Of(rng))
        {
            using var stream = new DataStream(path);
            var lines = new Lines(path, stream, encoding, longest);
            for (long number = 1; ; number++)
            {
                long offset = lines.Offset;
                if (lines.Next() is not { } text) break;
                cancel.ThrowIfCancellationRequested();
                if (number > skipLines) yield return new TextLine(text, path, number) { Offset = offset };
            }
        }
    }

    /// <summary>One file's lines.</summary>
    private sealed class Lines(string path, Stream stream, Encoding encoding, int longest)
    {
        private byte[] buffer = new byte[1 << 14];
        private int from, to;      // what is left in the buffer
        private bool ended;

        /// <summary>Where in the file the next line begins.</summary>
        public long Offset { get; private set; }

        public string? Next()
        {
            int searched = 0;
            while (true)
            {
                int end = buffer.AsSpan(from + searched, to - from - searched).IndexOf((byte)'\n');
                if (end >= 0) return Take(searched + end, 1);
                searched = to - from;
                if (ended) return searched == 0 ? null : Take(searched, 0);
                if (searched > longest) throw TooLong();
                Fill();
            }
        }

        private void Fill()
        {
            if (from > 0) buffer.AsSpan(from, to - from).CopyTo(buffer);
            (from, to) = (0, to - from);
            if (to == buffer.Length) Array.Resize(ref buffer, (int)Math.Min(2L * buffer.Length, longest + (1L << 14)));
            int got = stream.Read(buffer.AsSpan(to));
            to += got;
            ended = got == 0;
        }

        private string Take(int length, int end)
        {
            if (length > longest) throw TooLong();
            var line = buffer.AsSpan(from, length);
            if (end == 1 && line.EndsWith("\r"u8)) line = line[..^1];
            if (Offset == 0 && line.StartsWith(encoding.Preamble)) line = line[encoding.Preamble.Length..];
            try
            {
                return encoding.GetString(line);
            }
            catch (DecoderFallbackException e)
            {
                throw new DataFormatException(path, Offset, $"the line that begins here is not {encoding.WebName}. Name the file's encoding, Encoding.Latin1 say.", e);
            }
            finally
            {
                from += length + end;
                Offset += length + end;
            }
        }

        private DataFormatException TooLong() => new(path, Offset, $"the line that begins here is over {longest:N0} bytes. Is it a file of lines? If so, let longest be more.");
    }
}
