namespace Engine.Layers;

/// <summary>How a model writes.</summary>
/// <exception cref="ArgumentOutOfRangeException">A setting is outside its range.</exception>
public sealed record GenerationOptions
{
    /// <summary>Tokens to write at most.</summary>
    public int MaxTokens
    {
        get;
        init
        {
            if (value < 1) throw new ArgumentOutOfRangeException(nameof(MaxTokens), value, "A model writes 1 token or more.");
            field = value;
        }
    } = 50;

    /// <summary>What logits are divided by: under 1 the likely tokens are drawn more often still, over 1 less; 0 takes the likeliest.</summary>
    public double Temperature { get; init => field = TokenSampler.RequireTemperature(value); } = 1;

    /// <summary>How many of the likeliest tokens come into question; null for all.</summary>
    public int? TopK { get; init => field = TokenSampler.RequireTopK(value); }

    /// <summary>What probability those that come into question have together at least, the likeliest first; null for all of it.</summary>
    public double? TopP { get; init => field = TokenSampler.RequireTopP(value); }

    /// <summary>Over 1, tokens that stand in the text already, the prompt included, come less often; 1 changes nothing.</summary>
    /// <remarks>Their logits are divided by it where positive, and multiplied where negative, each once however often it stands there. Source: Keskar et al. 2019,
    /// "CTRL", arXiv:1909.05858, section 4.1, with the sign as Hugging Face has it.</remarks>
    public double RepetitionPenalty
    {
        get;
        init => field = value > 0 && double.IsFinite(value) ? value : throw new ArgumentOutOfRangeException(nameof(RepetitionPenalty), value, "It is over 0, and finite. 1 changes nothing.");
    } = 1;

    /// <summary>Over 1, that many hypotheses are followed, and the likeliest text is written, instead of one that is drawn.</summary>
    public int Beams
    {
        get;
        init
        {
            ArgumentOutOfRangeException.ThrowIfLessThan(value, 1, nameof(Beams));
            field = value;
        }
    } = 1;

    /// <summary>How far beams favour long texts: log-probabilities are divided by the tokens written to this power.</summary>
    public double LengthPenalty
    {
        get;
        init => field = value >= 0 && double.IsFinite(value) ? value : throw new ArgumentOutOfRangeException(nameof(LengthPenalty), value, "It is 0 or more, and finite.");
    } = 1;

    /// <summary>Of the random numbers: the same seed writes the same text.</summary>
    public ulong Seed { get; init; }

    /// <summary>The token that ends the text, which is not given out; the model's own unless set.</summary>
    public int? EndToken { get; init; }

    /// <summary>Texts that end the text where they come first; they are not given out.</summary>
    /// <exception cref="ArgumentException">One is empty.</exception>
    public IReadOnlyList<string> StopStrings
    {
        get;
        init => field = value.All(stop => !string.IsNullOrEmpty(stop)) ? [.. value] : throw new ArgumentException("A stop string has one character at least.", nameof(StopStrings));
    } = [];

    /// <summary>What happens once all the model's positions are taken: true lets go of the first token for each new one, and computes the others anew, which
    /// costs a whole pass a token; false refuses a text that would not fit before it begins.</summary>
    public bool Slide { get; init; }

    /// <summary>Refuses what cannot go together.</summary>
    /// <exception cref="ArgumentException">Beams are asked for, and with them what only drawing has.</exception>
    internal void Require()
    {
        if (Beams == 1) return;
        if (TopK is not null || TopP is not null || Temperature is not (0 or 1))
            throw new ArgumentException($"{Beams} beams look for the likeliest text and draw nothing, so they take no {(TopK is not null ? nameof(TopK) : TopP is not null ? nameof(TopP) : nameof(Temperature))}. Leave it out, or set {nameof(Beams)} to 1.");
        if (Slide) throw new ArgumentException($"{nameof(Slide)} is for one text at a time, and there are {Beams} beams. Set {nameof(Beams)} to 1, or leave {nameof(Slide)} out.");
    }
}
