namespace Engine.Layers;

/// <summary>A folder of a pretrained model that cannot be read: a file of it is missing or not valid, or asks for what the engine does not have.</summary>
public sealed class PretrainedException : IOException
{
    internal PretrainedException(string file, string? parameter, string problem, Exception? inner = null)
        : base(parameter is null ? $"{file}: {problem}" : $"{file}: {parameter}: {problem}", inner)
        => (File, Parameter) = (file, parameter);

    /// <summary>The file, or the folder.</summary>
    public string File { get; }

    /// <summary>What in the file it is about, <c>hidden_act</c> say; null where it is the whole file.</summary>
    public string? Parameter { get; }
}
