using Engine.Core;
using Engine.Kernels;

namespace Engine.Layers;

/// <summary>An encoder reads a sequence, and a decoder writes another one, looking back at what the encoder made: translation, for one. By recurrent layers
/// <see cref="Seq2Seq"/>, by attention alone <see cref="Transformer"/>.</summary>
/// <remarks>To train, <c>new Trainer(model, optimizer, model.Loss) { Compute = (batch, pass) => model.Forward(batch.Inputs, batch.Targets, pass) }</c>:
/// inputs (B, S) with the batch's lengths, targets (B, T), each with the end token last and then padding.</remarks>
public abstract class EncoderDecoder : Layer
{
    private protected EncoderDecoder() { }

    /// <summary>What it was made with.</summary>
    public abstract EncoderDecoderSettings Sizes { get; }

    /// <inheritdoc/>
    protected override string Settings => Sizes.ToString();

    /// <summary>What the model would write at each place, given what stands before it: teacher forcing.</summary>
    /// <param name="source">Int32, (B, S); the pass has the lengths where some are padded.</param>
    /// <param name="targets">Int32, (B, T): what it should write, the end token included. Each is moved one place on, behind the start token.</param>
    /// <param name="pass">Whether this is training.</param>
    /// <returns>Logits, (B, T, TargetTokens).</returns>
    /// <exception cref="ShapeException">Source and targets are not (B, S) and (B, T).</exception>
    public Tensor Forward(Tensor source, Tensor targets, Pass pass) => Within(pass, () => Teach(source, Shifted(source, targets), pass).Logits, y => y);

    /// <summary>How much each place of the source counted for each place of the targets: for a picture. Of several heads the mean, of several layers the last.</summary>
    /// <returns>(B, T, S); the rows sum to 1, and are 0 past a source's end.</returns>
    /// <inheritdoc cref="Forward(Tensor, Tensor, Pass)"/>
    public Tensor AttentionWeights(Tensor source, Tensor targets, Pass pass) => Within(pass, () => Teach(source, Shifted(source, targets), pass, weights: true).Weights!, y => y);

    /// <summary>The mean over all tokens but padding of −log softmax(logits)[target].</summary>
    /// <param name="logits">(B, T, TargetTokens).</param>
    /// <param name="targets">Int32, (B, T).</param>
    public Tensor Loss(Tensor logits, Tensor targets)
    {
        ArgumentNullException.ThrowIfNull(logits);
        ArgumentNullException.ThrowIfNull(targets);
        return Layers.Loss.CrossEntropy(logits.Reshape(-1, Sizes.TargetTokens), targets.Flatten(), ignoreIndex: Sizes.PaddingToken);
    }

    /// <summary>Writes the likeliest targets of each source.</summary>
    /// <param name="source">Int32, (B, S).</param>
    /// <param name="lengths">How many tokens each source has; null for S.</param>
    /// <param name="width">Hypotheses of each source; 1 takes the likeliest token each time.</param>
    /// <param name="lengthPenalty">As <see cref="BeamSearch"/> takes it.</param>
    /// <param name="maxLength">Tokens at most; the settings' unless given.</param>
    /// <param name="cancel">Ends the search.</param>
    /// <returns>For each source its targets, without start and end, the best first.</returns>
    /// <exception cref="ShapeException">The source is not (B, S).</exception>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    public IReadOnlyList<IReadOnlyList<Hypothesis>> Search(Tensor source, int[]? lengths = null, int width = 1, double lengthPenalty = 0, int? maxLength = null, CancellationToken cancel = default)
    {
        ArgumentNullException.ThrowIfNull(source);
        var search = new BeamSearch(Sizes.EndToken, maxLength ?? Sizes.MaxLength, width, lengthPenalty);
        using var noGrad = NoGrad.Begin();
        using var scope = source.Device.Scope(nameof(Search));
        return Search(search, source, Pass.Inference.WithCancellation(cancel).WithLengths(lengths));
    }

    /// <summary>What the model writes, the likeliest token each time: Int32, (B, MaxLength), filled up with the end token.</summary>
    /// <exception cref="InvalidOperationException">This pass trains, which takes the targets, too.</exception>
    /// <inheritdoc/>
    protected override Tensor Compute(Tensor x, Pass pass)
    {
        if (pass.Training) throw new InvalidOperationException("To train, the model must be given the targets: Forward(source, targets, pass), as Trainer.Compute for one does.");
        var found = Search(x, pass.Lengths, cancel: pass.Cancel);
        var tokens = new int[found.Count * Sizes.MaxLength];
        Array.Fill(tokens, Sizes.EndToken);
        for (int i = 0; i < found.Count; i++)
        {
            int at = i * Sizes.MaxLength;
            foreach (int token in found[i][0].Tokens) tokens[at++] = token;
        }
        return Tensor.From(tokens, [found.Count, Sizes.MaxLength], x.Device);
    }

    /// <inheritdoc/>
    public override int[]? LengthsAfter(int[] lengths) => null;

    /// <summary>Reads the source and goes through the targets.</summary>
    /// <param name="source">(B, S).</param>
    /// <param name="before">(B, T): the token before each place.</param>
    /// <param name="pass">The pass; its lengths are the sources'.</param>
    /// <param name="weights">Whether attention's weights, (B, T, S), are wanted.</param>
    private protected abstract (Tensor Logits, Tensor? Weights) Teach(Tensor source, Tensor before, Pass pass, bool weights = false);

    /// <summary>Searches under NoGrad, in a scope.</summary>
    private protected abstract IReadOnlyList<IReadOnlyList<Hypothesis>> Search(BeamSearch search, Tensor source, Pass pass);

    /// <summary>The start token of each of so many sources.</summary>
    private protected int[] Starts(int count)
    {
        var start = new int[count];
        Array.Fill(start, Sizes.StartToken);
        return start;
    }

    private protected static void RequireSource(Tensor source)
    {
        if (source.Rank != 2) throw new ShapeException($"the source {source.Shape} must be (B, S), a token at each place.");
    }

    private Tensor Shifted(Tensor source, Tensor targets)
    {
        ArgumentNullException.ThrowIfNull(source);
        ArgumentNullException.ThrowIfNull(targets);
        if (targets.Rank != 2 || source.Rank != 2 || targets.Shape[0] != source.Shape[0] || targets.Shape[1] == 0)
            throw new ShapeException($"the source {source.Shape} and the targets {targets.Shape} must be (B, S) and (B, T), with one step at least.");
        var start = Tensor.Full([targets.Shape[0], 1], Sizes.StartToken, targets.Device, DType.Int32);
        return Tensor.Concat([start, targets.Narrow(1, 0, targets.Shape[1] - 1)], 1);
    }
}
