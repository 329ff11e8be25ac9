namespace Engine.Layers;

/// <summary>Which of two texts is cut where both are too long together.</summary>
public enum TextTruncation
{
    /// <summary>A token at a time off the longer one, and off the second where both are as long: as BERT was trained.</summary>
    LongestFirst,

    /// <summary>The first one alone.</summary>
    OnlyFirst,

    /// <summary>The second one alone.</summary>
    OnlySecond,
}

/// <summary>How a text becomes tokens.</summary>
public sealed record EncodeOptions
{
    /// <summary>Tokens at most, those put around the texts among them; no limit unless given.</summary>
    public int? MaxLength
    {
        get;
        init
        {
            if (value is { } length) ArgumentOutOfRangeException.ThrowIfNegativeOrZero(length, nameof(MaxLength));
            field = value;
        }
    }

    /// <summary>Which of two texts is cut.</summary>
    public TextTruncation Truncation
    {
        get;
        init => field = Enum.IsDefined(value) ? value : throw new ArgumentOutOfRangeException(nameof(Truncation), value, "There is no such way to cut.");
    }

    /// <summary>Where tokens are cut off: at <see cref="SequenceEnd.End"/> the first ones are kept, at <see cref="SequenceEnd.Start"/> the last ones.</summary>
    public SequenceEnd Cut { get; init; } = SequenceEnd.End;

    /// <summary>Put the special tokens around the texts that the model was trained with: [CLS] and [SEP].</summary>
    public bool AddSpecial { get; init; } = true;

    /// <summary>Take "[SEP]" or "&lt;|endoftext|&gt;" in a text for the special token of that name. Unless asked for it is text like other text, so that nobody's text
    /// ends a sentence for the model.</summary>
    public bool RecogniseSpecial { get; init; }
}
