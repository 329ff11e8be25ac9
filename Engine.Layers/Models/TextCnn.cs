using Engine.Core;
using Engine.Kernels;

namespace Engine.Layers;

/// <summary>Kim's network for sentences: filters over some widths of words, the largest number of each over time, dropout, and a dense layer. Token ids
/// (N, T), Int32, to logits (N, classes).</summary>
/// <remarks>Each sentence is padded by a window less 1, so that one word is enough; where the pass has <see cref="Pass.Lengths"/>, it gives what it gives alone.
/// Its constraint on the dense layer is <c>AfterStep = _ => model.LimitNorm(3)</c> in a <see cref="Trainer"/>. Source: Kim 2014, "Convolutional neural
/// networks for sentence classification", arXiv:1408.5882, and its program's first numbers.</remarks>
public sealed class TextCnn : Layer
{
    private readonly Embedding words;
    private readonly Conv1d[] windows;
    private readonly Dropout dropout;
    private readonly Linear dense;

    /// <summary>A network with filters newly drawn.</summary>
    /// <param name="words">The word vectors. What the paper calls random is a new layer with <c>init: Init.Uniform(-0.25, 0.25)</c>; static and non-static are
    /// <see cref="Embedding.FromPretrained"/>, frozen or not. Padding's vector should be zeros.</param>
    /// <param name="classes">Size of the result's last axis.</param>
    /// <param name="rng">Draws the first numbers.</param>
    /// <param name="windows">Words that filters see; 3, 4 and 5 unless given.</param>
    /// <param name="filters">Filters of each width.</param>
    /// <param name="dropout">The probability to drop, before the dense layer.</param>
    /// <exception cref="ArgumentException">A size is under 1, a width comes twice, there are none, or the probability is not in [0, 1).</exception>
    public TextCnn(Embedding words, int classes, Rng rng, IReadOnlyList<int>? windows = null, int filters = 100, double dropout = 0.5)
    {
        ArgumentNullException.ThrowIfNull(words);
        windows ??= [3, 4, 5];
        if (windows.Count == 0) throw new ArgumentException("There are no windows. Give at least one.", nameof(windows));
        this.words = Register("words", words);
        this.windows = [.. windows.Select(size => Register($"window{size}",
            new Conv1d(words.Size, filters, size, rng, padding: size - 1, activation: Activation.Relu, init: Init.Uniform(-0.01, 0.01))))];
        this.dropout = Register("dropout", new Dropout(dropout));
        dense = Register("dense", new Linear(filters * windows.Count, classes, rng, init: Init.Normal(0, 0.01)));
    }

    /// <summary>Scales the dense layer's rows down to a greatest norm: to be called after each step of the optimizer.</summary>
    /// <inheritdoc cref="WeightConstraints.LimitRowNorms"/>
    public void LimitNorm(double maxNorm) => dense.Parameters[0].LimitRowNorms(maxNorm);

    /// <inheritdoc/>
    public override int[]? LengthsAfter(int[] lengths) => null;

    /// <inheritdoc/>
    protected override Tensor Compute(Tensor x, Pass pass)
    {
        if (x.Rank != 2) throw new ShapeException($"the token ids {x.Shape} must be (N, T), a row for each sentence.");
        // What is past a sentence's end is zeros for all windows, which then need no lengths.
        var vectors = Sequences.Fill(nameof(TextCnn), words.Forward(x, pass).Permute(0, 2, 1), pass.Lengths, 0);
        var whole = pass.WithLengths(null);
        Tensor[] largest = [.. windows.Select(window
            => window.Forward(vectors, whole).GlobalMaxPool1d(pass.Lengths is { } lengths ? window.LengthsAfter(lengths) : null))];
        return dense.Forward(dropout.Forward(Tensor.Concat(largest, 1), whole), whole);
    }
}
