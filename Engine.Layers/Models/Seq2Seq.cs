using Engine.Core;
using Engine.Kernels;

namespace Engine.Layers;

/// <summary>An encoder reads a sequence, and a decoder writes another one, looking back at the encoder's states: translation, for one.</summary>
/// <remarks><para>Encoder: h₁…h_S = GRU(embedding of the source). Decoder: s₀ = tanh(W·h_last), then for each token y, the start token first,</para>
/// <para>Luong's attention: s_t = GRU(y_{t−1}, s_{t−1}), c_t = context of s_t;</para>
/// <para>Bahdanau's: c_t = context of s_{t−1}, s_t = GRU([y_{t−1}; c_t], s_{t−1});</para>
/// <para>and either way logits_t = V·tanh(W·[c_t; s_t]).</para>
/// <para>Sources: Cho et al. 2014, arXiv:1406.1078; Bahdanau, Cho and Bengio 2015, arXiv:1409.0473, without its maxout layer; Luong, Pham and Manning 2015,
/// arXiv:1508.04025, without input feeding.</para></remarks>
public sealed class Seq2Seq : EncoderDecoder
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

    /// <inheritdoc/>
    public override Seq2SeqSettings Sizes { get; }

    private bool StepByStep => Sizes.Attention == AttentionScore.Bahdanau;

    private protected override IReadOnlyList<IReadOnlyList<Hypothesis>> Search(BeamSearch search, Tensor source, Pass pass)
    {
        var (memory, first) = Within(pass, () => Encode(source, pass), y => y.State);
        return search.Search(Starts(source.Shape[0]), [first], (tokens, sources, state) =>
        {
            var step = Decode(tokens.Unsqueeze(1), state[0], memory.Select(sources), pass);
            return (step.Logits.Squeeze(1).LogSoftmax(), [step.State]);
        }, pass.Cancel);
    }

    private protected override (Tensor Logits, Tensor? Weights) Teach(Tensor source, Tensor before, Pass pass, bool weights)
    {
        var (memory, state) = Encode(source, pass);
        var decoded = Decode(before, state, memory, pass);
        return (decoded.Logits, decoded.Weights);
    }

    private (AttentionMemory Memory, Tensor State) Encode(Tensor source, Pass pass)
    {
        RequireSource(source);
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
