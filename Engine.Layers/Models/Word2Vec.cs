using Engine.Core;
using Engine.Kernels;

namespace Engine.Layers;

/// <summary>Word vectors that tell which words stand near each other: skip-gram where a word predicts one near it, CBOW where the mean of those
/// around it predicts the word, both by telling it from words drawn at random.</summary>
/// <remarks>Parameters: input.weight and output.weight (count, size), with gradients by rows; input.weight are the word vectors. Ids are those of a
/// <see cref="Vocabulary"/>: 0 is padding, in CBOW's windows. Examples that lie next to each other in a batch share the words drawn, which are then one
/// matrix product; there are more of them than <c>negatives</c>, and each counts as much less. Sources: Mikolov, Chen, Corrado and Dean 2013,
/// arXiv:1301.3781; Mikolov, Sutskever, Chen, Corrado and Dean 2013, arXiv:1310.4546; the sharing is of Ji, Satish, Li and Dubey 2016, arXiv:1604.04661.</remarks>
public sealed class Word2Vec : Layer
{
    private const int Together = 64, Shared = 16;                   // examples, and words drawn for them

    private readonly Embedding input, output;
    private readonly AliasTable noise;
    private readonly double negatives;

    /// <summary>A model of words that come so often.</summary>
    /// <param name="counts">How often each word comes, by its id; one with 0, as padding is, is never drawn.</param>
    /// <param name="size">Numbers of a vector.</param>
    /// <param name="rng">Draws the first vectors, uniform in ±0.5 / size; the output's are zeros.</param>
    /// <param name="negatives">Words drawn for each example.</param>
    /// <param name="power">Words are drawn in proportion to their count to this power.</param>
    /// <exception cref="ArgumentException">There are no counts, one is negative, or all are 0.</exception>
    /// <exception cref="ArgumentOutOfRangeException">size or negatives is under 1.</exception>
    public Word2Vec(IReadOnlyList<long> counts, int size, Rng rng, int negatives = 5, double power = 0.75)
    {
        ArgumentNullException.ThrowIfNull(counts);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(size);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(negatives);
        noise = new AliasTable([.. counts.Select(count => count == 0 ? 0 : Math.Pow(count, power))]);
        this.negatives = negatives;
        input = Register("input", new Embedding(counts.Count, size, rng, paddingIndex: 0, init: Init.Uniform(-0.5 / size, 0.5 / size), sparse: true));
        output = Register("output", new Embedding(counts.Count, size, rng, init: Init.Zeros, sparse: true));
    }

    /// <summary>The word vectors, (count, size).</summary>
    public Tensor Vectors => input.Parameters[0].Value;

    /// <inheritdoc/>
    protected override string Settings => FormattableString.Invariant($"{input.Count} -> {input.Size}, negatives={negatives}");

    /// <summary>(B) words to their vectors, or (B, W) words around one, of which some may be padding, to the means of their vectors: (B, size).</summary>
    protected override Tensor Compute(Tensor x, Pass pass)
    {
        if (x.Rank is not (1 or 2)) throw new ShapeException($"the words {x.Shape} must be (B), or (B, W) words around each.");
        var vectors = input.Forward(x, pass);
        if (x.Rank == 1) return vectors;
        var there = x.Cast(DType.Float32).NotEqual(Tensor.Zeros([], x.Device)).Cast(DType.Float32).Sum([1], keepDims: true);
        return vectors.Sum(1) / there.Clamp(1, double.PositiveInfinity);
    }

    /// <summary>−log σ(h·u) − Σ log σ(−h·n) of each example: u is the word that its input is to predict, the n are drawn.</summary>
    /// <param name="inputs">(B) words, or (B, W) words around each.</param>
    /// <param name="targets">Int32, (B): the word near it, or in the middle.</param>
    /// <param name="pass">Draws.</param>
    /// <returns>(B). The publications' learning rates are for their sum.</returns>
    /// <exception cref="ShapeException">There are not as many targets as inputs, or none.</exception>
    public Tensor Loss(Tensor inputs, Tensor targets, Pass pass)
    {
        ArgumentNullException.ThrowIfNull(inputs);
        ArgumentNullException.ThrowIfNull(targets);
        ArgumentNullException.ThrowIfNull(pass);
        var h = Forward(inputs, pass);
        if (targets.Shape != [h.Shape[0]]) throw new ShapeException($"Word2Vec: the targets {targets.Shape} must be ({h.Shape[0]}), one for each of the inputs {inputs.Shape}.");
        if (h.Shape[0] == 0) throw new ShapeException("Word2Vec: the batch is empty. Leave it out.");
        int batch = h.Shape[0], groups = batch % Together == 0 ? batch / Together : 1;
        int[] drawn = new int[groups * Shared];
        for (int i = 0; i < drawn.Length; i++) drawn[i] = noise.Draw(pass.Rng);
        var others = output.Forward(Tensor.From(drawn, [groups, Shared], h.Device), pass);
        var near = (h * output.Forward(targets, pass)).Sum(1);
        var far = h.Reshape(groups, -1, input.Size).MatMul(others, transposeOther: true);
        // −log σ(x) = softplus(−x)
        return (-near).Softplus() + negatives / Shared * far.Softplus().Sum(2).Reshape(batch);
    }
}
