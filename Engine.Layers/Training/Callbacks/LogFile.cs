using System.Text;

namespace Engine.Layers;

/// <summary>A text file that a callback appends lines to, each flushed, so that what was logged is there whatever happens next. A run that goes on
/// from a checkpoint first takes away the lines after it.</summary>
internal sealed class LogFile : IDisposable
{
    private readonly FileStream stream;

    /// <param name="path">The file; its folder must be there.</param>
    /// <param name="keep">Whether a line of an earlier part of the run stays; the first that does not goes with all after it.</param>
    public LogFile(string path, Func<string, bool> keep)
    {
        stream = new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.ReadWrite);
        stream.SetLength(EndOf(keep));
        stream.Seek(0, SeekOrigin.End);
    }

    public bool IsEmpty => stream.Length == 0;

    public void Line(string text)
    {
        stream.Write(Encoding.UTF8.GetBytes(text + "\n"));
        stream.Flush();
    }

    public void Dispose() => stream.Dispose();

    private long EndOf(Func<string, bool> keep)
    {
        var buffer = new byte[1 << 16];
        using var line = new MemoryStream();
        long end = 0;
        for (int got; (got = stream.Read(buffer)) > 0;)
            for (int i = 0; i < got; i++)
            {
                if (buffer[i] != '\n')
                {
                    line.WriteByte(buffer[i]);
                    continue;
                }
                if (!keep(Encoding.UTF8.GetString(line.GetBuffer(), 0, (int)line.Length))) return end;
                end += line.Length + 1;
                line.SetLength(0);
            }
        return end;                                                 // a line without its end was never written whole
    }
}
