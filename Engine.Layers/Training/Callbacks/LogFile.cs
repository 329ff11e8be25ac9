using System.Text;

namespace Engine.Layers;

/// <summary>A text file that a callback appends lines to, each flushed, so that what was logged is there whatever happens next. A run that goes on
/// from a checkpoint first takes away the lines after it.</summary>
internal sealed class LogFile : IDisposable
{
    private readonly FileStream stream;

    /// <param name="path">The file; its folder must be there.</param>
    /// <param name="keep">Lines of an earlier part of the run that stay; 0 begins anew.</param>
    public LogFile(string path, long keep)
    {
        stream = new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.ReadWrite);
        stream.SetLength(EndOfLine(keep));
        stream.Seek(0, SeekOrigin.End);
    }

    public void Line(string text)
    {
        stream.Write(Encoding.UTF8.GetBytes(text + "\n"));
        stream.Flush();
    }

    public void Dispose() => stream.Dispose();

    private long EndOfLine(long lines)
    {
        var buffer = new byte[1 << 16];
        long at = 0;
        for (int got; lines > 0 && (got = stream.Read(buffer)) > 0;)
            for (int i = 0; i < got && lines > 0; i++, at++)
                if (buffer[i] == '\n') lines--;
        return at;
    }
}
