namespace Engine.Layers;

/// <summary>A checkpoint that cannot be read, that belongs to another run, or that could not be written.</summary>
public sealed class CheckpointException(string path, string problem, Exception? cause = null) : IOException($"{path}: {problem}", cause)
{
    /// <summary>The checkpoint's folder.</summary>
    public string Path { get; } = path;
}
