using Engine.Layers;

namespace Engine.Examples;

/// <summary>Texts as batches of tokens: the most frequent words of the training texts, and so many tokens of each text at most.</summary>
internal sealed class TextBatches
{
    private readonly SequencePadding padding;

    /// <param name="texts">The texts.</param>
    /// <param name="vocabulary">Tokens at most, padding and unknown among them.</param>
    /// <param name="length">Tokens of a text at most.</param>
    /// <param name="cut">At which end the others are cut off.</param>
    /// <param name="keepUnknown">Whether words that are not in the vocabulary are tokens too, all the same one.</param>
    public TextBatches(TextSource texts, int vocabulary, int length, SequenceEnd cut, bool keepUnknown = true)
    {
        var tokenizer = WordTokenizer.Build(texts.Train.Texts, WordSplit.Keras, maxSize: vocabulary);
        padding = new SequencePadding { Token = tokenizer.Vocabulary.Padding, MaxLength = length, MinLength = 1, Cut = cut };
        (Vocabulary, Train, Test) = (tokenizer.Count, Encode(texts.Train), Encode(texts.Test));

        LabelledTokens[] Encode(LabelledTexts some) => [.. some.Encode(tokenizer).Select(text => text with { Tokens = padding.CutOff(keepUnknown ? text.Tokens : Known(text.Tokens)) })];

        int[] Known(ReadOnlyMemory<int> tokens) => [.. tokens.ToArray().Where(token => token != tokenizer.Vocabulary.Unknown)];
    }

    /// <summary>How many tokens there are.</summary>
    public int Vocabulary { get; }

    /// <summary>The tokens of the training texts that are not cut off.</summary>
    public LabelledTokens[] Train { get; }

    /// <summary>Those of the test texts.</summary>
    public LabelledTokens[] Test { get; }

    /// <summary>The training texts in batches, in an order of each epoch's own.</summary>
    public IBatches Batches(int size, ulong seed)
        => new DataLoader<LabelledTokens>(Datasets.From(Train), new SequenceCollator(padding), size, seed, shuffle: true);

    /// <summary>The test texts in batches of like lengths.</summary>
    public IBatches TestBatches()
        => new DataLoader<LabelledTokens>(Datasets.From(Test), new SequenceCollator(padding), TestBatch, lengths: [.. Test.Select(text => text.Tokens.Length)]);

    /// <summary>Texts in a batch of the test, where no gradients take room.</summary>
    private const int TestBatch = 250;
}
