using Engine.Core;
using Engine.Kernels;

namespace Engine.Layers;

/// <summary>An encoder reads a sequence, and a decoder writes another one, looking back at the encoder's states: translation, for one.</summary>
/// <remarks><para>Encoder: h₁…h_S = GRU(embedding of the source). Decoder: s₀ = tanh(W·h_last), then for each token y, the start token first,</para>
/// <para>Luong's attention: s_t = GRU(y_{t−1}, s_{t−1}), c_t = context of s_t;</para>
/// <para>Bahdanau's: c_t = context of s_{t−1}, s_t = GRU([y_{t−1}; c_t], s_{t−1});</para>
/// <para>and either way logits_t = V·tanh(W·[c_t; s_t]).</para>
/// <para>To train, <c>new Trainer(model, optimizer, model.Loss) { Compute = (batch, pass) => model.Forward(batch.Inputs, batch.Targets, pass) }</c>:
/// inputs (B, S) with the batch's lengths, targets (B, T), each with the end token last and then padding.</para>
/// <para>Sources: Cho et al. 2014, arXiv:1406.1078; Bahdanau, Cho and Bengio 2015, arXiv:1409.0473, without its maxout layer; Luong, Pham and Manning 2015,
/// arXiv:1508.04025, without input feeding.</para></remarks>
public sealed class Seq2Seq : Layer
{
    private readonly Embedding sourceVectors, targetVectors;
    private readonly Gru encoder;
    private readonly Gru? decoder;                                  // Luong's
    private readonly GruCell? cell;                                 // Bahdanau's
    private readonly Linear bridge, combine, output;
    private readonly EncoderAttention attention;

    /// <summary>A model with numbers newly drawn.</summary>
    /// <param name="settings">Its sizes and tokens.</param>
    /// <param name="rng">Draws the first numbers.</param>
    /// <exception cref="ArgumentOutOfRangeException">A setting is outside its range.</exception>
    /// <exception cref="ArgumentException">The dot is asked for, and states are not of the decoder's size, as with two directions.</exception>
    public Seq2Seq(Seq2SeqSettings settings, Rng rng)
    {
        ArgumentNullException.ThrowIfNull(settings);
        ArgumentNullException.ThrowIfNull(rng);
        settings.Require();
        Sizes = settings;
        int hidden = settings.HiddenSize, size = settings.EmbeddingSize, states = settings.Bidirectional ? 2 * hidden : hidden;
        var small = Init.Uniform(-0.1, 0.1);
        sourceVectors = Register("source_embedding", new Embedding(settings.SourceTokens, size, rng, init: small));
        targetVectors = Register("target_embedding", new Embedding(settings.TargetTokens, size, rng, init: small));
        encoder = Register("encoder", new Gru(size, hidden, rng, bidirectional: settings.Bidirectional));
        bridge = Register("bridge", new Linear(states, hidden, rng, Activation.Tanh));
        attention = Register("attention", new EncoderAttention(hidden, states, settings.Attention, rng));
        if (StepByStep) cell = Register("decoder", new GruCell(size + states, hidden, rng));
        else decoder = Register("decoder", new Gru(size, hidden, rng));
        combine = Register("combine", new Linear(states + hidden, hidden, rng, Activation.Tanh));
        output = Register("output", new Linear(hidden, settings.TargetTokens, rng));
    }

    /// <summary>What it was made with.</summary>
    public Seq2SeqSettings Sizes { get; }

    /// <inheritdoc/>
    protected override string Settings => Sizes.ToString();

    private bool StepByStep => Sizes.Attention == AttentionScore.Bahdanau;

    /// <summary>What the model would write at each place, given what stands before it: teacher forcing.</summary>
    /// <param name="source">Int32, (B, S); the pass has the lengths where some are padded.</param>
    /// <param name="targets">Int32, (B, T): what it should write, the end token included. Each is moved one place on, behind the start token.</param>
    /// <param name="pass">Whether this is training.</param>
    /// <returns>Logits, (B, T, TargetTokens).</returns>
    /// <exception cref="ShapeException">Source and targets are not (B, S) and (B, T).</exception>
    public Tensor Forward(Tensor source, Tensor targets, Pass pass) => Within(pass, () => Teach(source, targets, pass).Logits, y => y);

    /// <summary>How much each place of the source counted for each place of the targets: for a picture.</summary>
    /// <returns>(B, T, S); the rows sum to 1, and are 0 past a source's end.</returns>
    /// <inheritdoc cref="Forward(Tensor, Tensor, Pass)"/>
    public Tensor AttentionWeights(Tensor source, Tensor targets, Pass pass) => Within(pass, () => Teach(source, targets, pass).Weights, y => y);

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
        var pass = Pass.Inference.WithCancellation(cancel).WithLengths(lengths);
        using var noGrad = NoGrad.Begin();
        using var scope = source.Device.Scope(nameof(Search));
        var (memory, first) = Within(pass, () => Encode(source, pass), y => y.State);
        int[] start = new int[source.Shape[0]];
        Array.Fill(start, Sizes.StartToken);
        return search.Search(start, [first], (tokens, sources, state) =>
        {
            var step = Decode(tokens.Unsqueeze(1), state[0], memory.Select(sources), pass);
            return (step.Logits.Squeeze(1).LogSoftmax(), [step.State]);
        }, cancel);
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

    private Decoded Teach(Tensor source, Tensor targets, Pass pass)
    {
        ArgumentNullException.ThrowIfNull(targets);
        if (targets.Rank != 2 || source.Rank != 2 || targets.Shape[0] != source.Shape[0] || targets.Shape[1] == 0)
            throw new ShapeException($"the source {source.Shape} and the targets {targets.Shape} must be (B, S) and (B, T), with one step at least.");
        var (memory, state) = Encode(source, pass);
        var start = Tensor.Full([targets.Shape[0], 1], Sizes.StartToken, targets.Device, DType.Int32);
        return Decode(Tensor.Concat([start, targets.Narrow(1, 0, targets.Shape[1] - 1)], 1), state, memory, pass);
    }

    private (AttentionMemory Memory, Tensor State) Encode(Tensor source, Pass pass)
    {
        if (source.Rank != 2) throw new ShapeException($"the source {source.Shape} must be (B, S), a token at each place.");
        var (states, end) = encoder.Run(Drop(sourceVectors.Forward(source, pass), pass), pass);
        var last = Sizes.Bidirectional ? Tensor.Concat([end.Hidden[0], end.Hidden[1]], 1) : end.Hidden[0];
        return (attention.Remember(states, pass.Lengths, pass), bridge.Forward(last, pass));
    }

    /// <summary>What a decoder made of some steps.</summary>
    private readonly record struct Decoded(Tensor Logits, Tensor Weights, Tensor State);

    /// <param name="tokens">(B, T): what stands before each place.</param>
    /// <param name="state">(B, H).</param>
    /// <param name="memory">The sources.</param>
    /// <param name="pass">The pass; its lengths are the sources'.</param>
    private Decoded Decode(Tensor tokens, Tensor state, AttentionMemory memory, Pass pass)
    {
        pass = pass.WithLengths(null);
        var x = Drop(targetVectors.Forward(tokens, pass), pass);
        Tensor states;
        Attended found;
        if (decoder is not null)
        {
            (states, var end) = decoder.Run(x, pass, new RecurrentState(state.Unsqueeze(0)));
            found = attention.Attend(states, memory, pass);
            state = end.Hidden[0];
        }
        else (states, found, state) = DecodeByStep(x, state, memory, pass);
        var both = Drop(combine.Forward(Tensor.Concat([found.Context, states], 2), pass), pass);
        return new Decoded(output.Forward(both, pass), found.Weights, state);
    }

    private (Tensor States, Attended Found, Tensor State) DecodeByStep(Tensor x, Tensor state, AttentionMemory memory, Pass pass)
    {
        int steps = x.Shape[1];
        Tensor[] states = new Tensor[steps], contexts = new Tensor[steps], weights = new Tensor[steps];
        for (int t = 0; t < steps; t++)
        {
            (contexts[t], weights[t]) = attention.Attend(state, memory, pass);
            state = cell!.Step(Tensor.Concat([x[.., t], contexts[t]], 1), pass, new RecurrentState(state)).Hidden;
            states[t] = state;
        }
        return (Tensor.Stack(states, 1), new Attended(Tensor.Stack(contexts, 1), Tensor.Stack(weights, 1)), state);
    }

    private Tensor Drop(Tensor x, Pass pass) => pass.Training && Sizes.Dropout > 0 ? x.Dropout(Sizes.Dropout, pass.Rng) : x;
}
