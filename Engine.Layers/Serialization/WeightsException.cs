namespace Engine.Layers;

/// <summary>A weight file that does not fit a model; nothing of the model was changed.</summary>
public sealed class WeightsException : IOException
{
    internal WeightsException(string file, IReadOnlyList<string> missing, IReadOnlyList<string> unexpected, IReadOnlyList<string> mismatched,
        string mend = "Load it into the model that wrote it, or pass strict: false where names may be missing or left over.")
        : base($"{file} does not fit the model.{List(" It lacks ", missing)}{List(" The model has no ", unexpected)}{List(" ", mismatched, "; ")}"
            + $" Nothing was loaded. {mend}")
    {
        (File, Missing, Unexpected, Mismatched) = (file, missing, unexpected, mismatched);
    }

    /// <summary>The file's path.</summary>
    public string File { get; }

    /// <summary>Names that the model has and the file lacks.</summary>
    public IReadOnlyList<string> Missing { get; }

    /// <summary>Names that the file has and the model lacks.</summary>
    public IReadOnlyList<string> Unexpected { get; }

    /// <summary>Tensors of another shape or type: "fc.weight is (3, 2) F32 in the file and (2, 3) Float32 in the model".</summary>
    public IReadOnlyList<string> Mismatched { get; }

    private static string List(string before, IReadOnlyList<string> what, string separator = ", ")
        => what.Count == 0 ? "" : $"{before}{string.Join(separator, what)}.";
}
