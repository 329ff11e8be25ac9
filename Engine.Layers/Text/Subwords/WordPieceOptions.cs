namespace Engine.Layers;

/// <summary>How BERT's text is prepared, and what its special tokens are called.</summary>
public sealed record WordPieceOptions
{
    /// <summary>Whether the vocabulary has lower case alone: an "uncased" model.</summary>
    public bool LowerCase { get; init; } = true;

    /// <summary>Whether é is e; as <see cref="LowerCase"/> unless given.</summary>
    public bool? StripAccents { get; init; }

    /// <summary>Whether each Chinese character is a word.</summary>
    public bool SplitChinese { get; init; } = true;

    /// <summary>What stands for a word that no pieces make up.</summary>
    public string Unknown { get; init; } = "[UNK]";

    /// <summary>Fills up the rows of a batch.</summary>
    public string Padding { get; init; } = "[PAD]";

    /// <summary>Stands before the first text; a model classifies by it.</summary>
    public string Start { get; init; } = "[CLS]";

    /// <summary>Stands after each text.</summary>
    public string Separator { get; init; } = "[SEP]";

    /// <summary>Stands for a token that a model is to guess.</summary>
    public string Mask { get; init; } = "[MASK]";

    internal string[] Special => [Padding, Unknown, Start, Separator, Mask];
}
