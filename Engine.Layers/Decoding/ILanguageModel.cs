using Engine.Core;
using Engine.Kernels;

namespace Engine.Layers;

/// <summary>A model that tells which token may follow others; <see cref="Generation"/> lets it write.</summary>
public interface ILanguageModel
{
    /// <summary>How many tokens it knows: ids 0..VocabularySize − 1.</summary>
    int VocabularySize { get; }

    /// <summary>How many tokens a text may have; null where there is no bound.</summary>
    int? Positions { get; }

    /// <summary>The token that ends a text; null where there is none.</summary>
    int? EndToken { get; }

    /// <summary>Where its tensors are.</summary>
    Device Device { get; }

    /// <summary>Begins a text, of which it has read nothing yet.</summary>
    /// <param name="capacity">Tokens that will be read at most.</param>
    /// <returns>What it remembers of the text: whoever asks disposes of it.</returns>
    ITextMemory Begin(int capacity);
}

/// <summary>What a model remembers of the tokens that it has read, so that none is read twice. For one thread at a time.</summary>
public interface ITextMemory : IDisposable
{
    /// <summary>Reads on.</summary>
    /// <param name="tokens">Int32, (R, T): the next tokens of each of the R texts. At first there is one text; then as many as <see cref="Select"/> left.</param>
    /// <param name="pass">Inference, and its cancellation. Once that came the memory can only be disposed of.</param>
    /// <returns>Logits of the token after them, (R, V).</returns>
    Tensor Read(Tensor tokens, Pass pass);

    /// <summary>Text r goes on from what was text rows[r].</summary>
    /// <param name="rows">Some of the texts, in any order and as often as one likes.</param>
    void Select(IReadOnlyList<int> rows);
}
