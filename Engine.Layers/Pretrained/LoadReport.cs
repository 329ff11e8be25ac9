namespace Engine.Layers;

/// <summary>What became of a pretrained folder's parameters.</summary>
/// <param name="Folder">The folder.</param>
/// <param name="Drawn">Hugging Face's names of those that the folder lacks, which were newly drawn: a head that is to be trained.</param>
/// <param name="LeftOver">Names in the folder that the model has no use for.</param>
public sealed record LoadReport(string Folder, IReadOnlyList<string> Drawn, IReadOnlyList<string> LeftOver)
{
    /// <summary>"bert-base: newly drawn: classifier.weight, classifier.bias. Left over: cls.predictions.bias."</summary>
    public override string ToString()
        => Drawn.Count + LeftOver.Count == 0
            ? $"{Folder}: every parameter was there."
            : $"{Folder}:{List(" newly drawn, so train them: ", Drawn)}{List(" left over: ", LeftOver)}";

    private static string List(string before, IReadOnlyList<string> names) => names.Count == 0 ? "" : $"{before}{string.Join(", ", names)}.";
}
