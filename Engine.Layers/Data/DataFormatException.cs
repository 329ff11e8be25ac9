namespace Engine.Layers;

/// <summary>A file that is not what its format says: truncated, lying about its sizes, or of another kind.</summary>
public class DataFormatException : IOException
{
    /// <summary>An error in a file.</summary>
    /// <param name="file">The file's path.</param>
    /// <param name="offset">Byte at which the fault was seen.</param>
    /// <param name="problem">What is wrong and the likely mend.</param>
    /// <param name="inner">What caused it.</param>
    public DataFormatException(string file, long offset, string problem, Exception? inner = null)
        : base($"{file}, byte {offset}: {problem}", inner)
    {
        (File, Offset) = (file, offset);
    }

    /// <summary>An error in a line of a text file.</summary>
    /// <param name="file">The file's path.</param>
    /// <param name="offset">Byte at which the line begins.</param>
    /// <param name="line">Its number, from 1 on.</param>
    /// <param name="problem">What is wrong and the likely mend.</param>
    /// <param name="inner">What caused it.</param>
    public DataFormatException(string file, long offset, long line, string problem, Exception? inner = null)
        : base($"{file}, line {line}: {problem}", inner)
    {
        (File, Offset, Line) = (file, offset, line);
    }

    /// <summary>The file's path.</summary>
    public string File { get; }

    /// <summary>Byte at which the fault was seen; in what a .gz holds, for one.</summary>
    public long Offset { get; }

    /// <summary>The line at fault, from 1 on; null where the file is not read by lines.</summary>
    public long? Line { get; }
}
