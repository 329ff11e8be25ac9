using System.Globalization;
using Engine.Core;

namespace Engine.Layers;

/// <summary>Attention by several heads: each projects queries, keys and values, softmax(q·kᵀ/√D)·v is computed for each, and the heads' results, side by side,
/// are projected once more.</summary>
/// <remarks><para><see cref="Layer.Forward"/> and <see cref="Run(Tensor, Pass, Tensor, AttentionCache, ICollection{Tensor})"/> attend from a sequence to itself: one
/// product makes queries, keys and values. <see cref="Run(Tensor, Tensor, Pass, int[], Tensor, ICollection{Tensor})"/> attends from one sequence to another, which
/// <see cref="Remember"/> and <see cref="Attend"/> do in two steps, for a decoder.</para>
/// <para>Parameters: in_proj_weight ((H + 2G)·D, width), the rows of the queries, then of the keys, then of the values; in_proj_bias ((H + 2G)·D); out_proj.weight
/// (width, H·D), out_proj.bias (width): those of torch.nn.MultiheadAttention, where G = H and D = width/H. docs/transformer-weights.md.</para>
/// <para>Sources: Vaswani et al. 2017, arXiv:1706.03762; fewer heads of keys, Ainslie et al. 2023, arXiv:2305.13245.</para></remarks>
public sealed class MultiHeadAttention : Layer
{
    private readonly Parameter weight;
    private readonly Parameter? bias;
    private readonly Linear output;
    private readonly double dropout;
    private readonly Rotary? rotary;

    /// <summary>A layer with numbers newly drawn.</summary>
    /// <param name="width">Size of the last axis of what goes in and comes out.</param>
    /// <param name="heads">H.</param>
    /// <param name="rng">Draws the first numbers.</param>
    /// <param name="dropout">The share of the weights that is dropped while training.</param>
    /// <param name="causal">Whether a position sees none behind its own, in attention to the sequence itself; a memory is seen whole.</param>
    /// <param name="bias">False to leave all biases out.</param>
    /// <param name="headSize">D; width/H unless given.</param>
    /// <param name="keyHeads">G, heads of keys and values, which divides H; H unless given.</param>
    /// <param name="rotary">Turns queries and keys by their positions, in attention to the sequence itself.</param>
    /// <param name="init">Draws the weights, of queries, keys, values and result each on its own. Left out, PyTorch's: in_proj_weight Xavier uniform as one
    /// matrix, out_proj.weight uniform in ±1/√(H·D). Biases are 0 either way.</param>
    /// <param name="outputInit">Draws out_proj.weight, where it is not as <paramref name="init"/> does.</param>
    /// <exception cref="ArgumentOutOfRangeException">A size is under 1, or the dropout not in [0, 1).</exception>
    /// <exception cref="ArgumentException">H does not divide the width and no head size is given, or G does not divide H; or D is odd with rotary positions.</exception>
    public MultiHeadAttention(int width, int heads, Rng rng, double dropout = 0, bool causal = false, bool bias = true, int? headSize = null, int? keyHeads = null,
        Rotary? rotary = null, Init? init = null, Init? outputInit = null)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(width);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(heads);
        ArgumentNullException.ThrowIfNull(rng);
        if (!(dropout >= 0 && dropout < 1)) throw new ArgumentOutOfRangeException(nameof(dropout), dropout, "A probability to drop is in [0, 1).");
        if (headSize is null && width % heads != 0)
            throw new ArgumentException($"{heads} heads do not divide a width of {width}. Choose a divisor, or give the head size.", nameof(heads));
        (Width, Heads, HeadSize, KeyHeads, Causal, this.dropout, this.rotary) = (width, heads, headSize ?? width / heads, keyHeads ?? heads, causal, dropout, rotary);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(HeadSize, nameof(headSize));
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(KeyHeads, nameof(keyHeads));
        if (heads % KeyHeads != 0) throw new ArgumentException($"{heads} heads are no multiple of {KeyHeads} heads of keys. Choose a divisor of {heads}.", nameof(keyHeads));
        if (rotary is not null && HeadSize % 2 != 0) throw new ArgumentException($"Rotary positions turn pairs of numbers, and a head has {HeadSize}. Choose an even size.", nameof(rotary));
        weight = NewParameter("in_proj_weight", init is null
            ? Init.XavierUniform().Draw([QuerySize + 2 * KeySize, width], rng)
            : init.DrawStacked(width, rng, QuerySize, KeySize, KeySize));
        if (bias) this.bias = NewParameter("in_proj_bias", Tensor.Zeros([QuerySize + 2 * KeySize]));
        output = Register("out_proj", new Linear(QuerySize, width, rng, bias: bias, init: outputInit ?? Defaults.Weight(init)));
    }

    /// <summary>Size of the last axis of what goes in and comes out.</summary>
    public int Width { get; }

    /// <summary>H, heads of the queries.</summary>
    public int Heads { get; }

    /// <summary>G, heads of keys and values.</summary>
    public int KeyHeads { get; }

    /// <summary>D, numbers of a head.</summary>
    public int HeadSize { get; }

    /// <summary>G·D, numbers of a position's keys, and of its values.</summary>
    public int KeySize => KeyHeads * HeadSize;

    /// <summary>Whether a position sees none behind its own.</summary>
    public bool Causal { get; }

    private int QuerySize => Heads * HeadSize;

    /// <inheritdoc/>
    protected override string Settings
        => string.Create(CultureInfo.InvariantCulture, $"{Width}, {Heads} heads of {HeadSize}{(KeyHeads == Heads ? "" : $", {KeyHeads} of keys")}{(Causal ? ", causal" : "")}{(rotary is null ? "" : ", rotary")}{(dropout == 0 ? "" : $", dropout={dropout}")}{(bias is null ? ", no bias" : "")}");

    /// <summary>A cache for this attention alone.</summary>
    /// <param name="batch">Sequences side by side.</param>
    /// <param name="room">Positions at most.</param>
    public KeyValueCache NewCache(int batch, int room) => new(1, batch, room, KeySize, weight.Value.Device);

    /// <summary>Attends from a sequence to itself, or with a cache from its next positions to all so far.</summary>
    /// <param name="x">(B, T, width).</param>
    /// <param name="pass">Whether this is training, and how many positions of each sequence count as keys.</param>
    /// <param name="mask">As <see cref="Tensor.Attention"/> takes it: (B or 1, H or 1, T or 1, S), UInt8, not 0 where a key is seen, or Float32, added to the
    /// scores. S is T, or with a cache its room.</param>
    /// <param name="cache">What was there before; x's keys and values are written behind it.</param>
    /// <param name="maps">Is given the weights, (B, H, T, S), too.</param>
    /// <returns>(B, T, width).</returns>
    /// <exception cref="ShapeException">A shape does not fit, or the cache has no room for x.</exception>
    /// <exception cref="SequenceException">A length is not in 0..T; it names the row.</exception>
    /// <exception cref="GraphException">There is a cache, and a graph is recorded.</exception>
    /// <exception cref="ArgumentException">There are a cache and lengths: sequences of a cache have as many positions each.</exception>
    public Tensor Run(Tensor x, Pass pass, Tensor? mask = null, AttentionCache? cache = null, ICollection<Tensor>? maps = null)
    {
        ArgumentNullException.ThrowIfNull(x);
        return Within(pass, () => AttendSelf(x, pass, mask, cache, maps), y => y);
    }

    /// <summary>Attends from one sequence to another.</summary>
    /// <param name="queries">(B, T, width).</param>
    /// <param name="memory">(B, S, width).</param>
    /// <param name="pass">Whether this is training; its lengths are of no account.</param>
    /// <param name="memoryLengths">How many of the S count for each of the batch; null for all.</param>
    /// <param name="mask">As above, S being the memory's.</param>
    /// <param name="maps">Is given the weights, (B, H, T, S), too.</param>
    /// <inheritdoc cref="Attend" path="/returns|/exception"/>
    public Tensor Run(Tensor queries, Tensor memory, Pass pass, int[]? memoryLengths = null, Tensor? mask = null, ICollection<Tensor>? maps = null)
    {
        ArgumentNullException.ThrowIfNull(queries);
        ArgumentNullException.ThrowIfNull(memory);
        return Within(pass, () => AttendTo(queries, Project(memory, memoryLengths), pass, mask, maps), y => y);
    }

    /// <summary>Makes keys and values of a memory, for <see cref="Attend"/> to ask any number of times.</summary>
    /// <param name="memory">(B, S, width).</param>
    /// <param name="pass">What the pass is for.</param>
    /// <param name="lengths">How many of the S count for each of the batch; null for all.</param>
    /// <exception cref="ShapeException">The memory is not (B, S, width).</exception>
    public KeyValues Remember(Tensor memory, Pass pass, int[]? lengths = null)
    {
        ArgumentNullException.ThrowIfNull(memory);
        return Within(pass, () => Project(memory, lengths), y => y.Keys);
    }

    /// <summary>Attends from a sequence to what <see cref="Remember"/> made.</summary>
    /// <param name="queries">(B, T, width).</param>
    /// <param name="memory">Keys and values of B sequences.</param>
    /// <param name="pass">Whether this is training; its lengths are of no account.</param>
    /// <param name="mask">As above, S being the memory's.</param>
    /// <param name="maps">Is given the weights, (B, H, T, S), too.</param>
    /// <returns>(B, T, width).</returns>
    /// <exception cref="ShapeException">A shape does not fit.</exception>
    /// <exception cref="SequenceException">A length is not in 0..S; it names the row.</exception>
    public Tensor Attend(Tensor queries, KeyValues memory, Pass pass, Tensor? mask = null, ICollection<Tensor>? maps = null)
    {
        ArgumentNullException.ThrowIfNull(queries);
        ArgumentNullException.ThrowIfNull(memory);
        return Within(pass, () => AttendTo(queries, memory, pass, mask, maps), y => y);
    }

    /// <inheritdoc/>
    protected override Tensor Compute(Tensor x, Pass pass) => AttendSelf(x, pass, null, null, null);

    private Tensor AttendSelf(Tensor x, Pass pass, Tensor? mask, AttentionCache? cache, ICollection<Tensor>? maps)
    {
        Require(x, "input");
        var all = x.MatMul(weight, bias, transposeOther: true);    // (B, T, (H + 2G)·D)
        var options = Options(pass) with { Causal = Causal, KeyLengths = pass.Lengths };
        if (cache is null && rotary is null)
        {
            var y = all.SelfAttention(Heads, options, mask);
            maps?.Add(AttentionWeights.Of(Part(0, QuerySize), Part(QuerySize, KeySize), Heads, options, mask));
            return output.Forward(y, pass);
        }
        int past = cache?.Length ?? 0;
        Tensor queries = Part(0, QuerySize), keys = Part(QuerySize, KeySize), values = Part(QuerySize + KeySize, KeySize);
        if (rotary is not null) (queries, keys) = rotary.Turn(queries, Heads, keys, KeyHeads, past);
        if (cache is not null)
        {
            if (pass.Lengths is not null)
                throw new ArgumentException("The sequences of a cache have as many positions each, and the pass has lengths. Batch sequences of one length, or hide positions by a mask.");
            cache.Write(keys, values);
            (keys, values) = (cache.Keys, cache.Values);
            options = Causal ? options with { Past = past } : options with { KeyLengths = [.. Enumerable.Repeat(past + x.Shape[1], cache.Batch)] };
        }
        var found = queries.Attention(keys, values, Heads, options, mask);
        if (cache is not null) cache.Length = past + x.Shape[1];
        maps?.Add(AttentionWeights.Of(queries, keys, Heads, options, mask));
        return output.Forward(found, pass);

        Tensor Part(int first, int size) => all.Narrow(2, first, size);
    }

    private Tensor AttendTo(Tensor queries, KeyValues memory, Pass pass, Tensor? mask, ICollection<Tensor>? maps)
    {
        Require(queries, "queries");
        var projected = Product(queries, 0, QuerySize);
        var options = Options(pass) with { KeyLengths = memory.Lengths };
        var found = projected.Attention(memory.Keys, memory.Values, Heads, options, mask);
        maps?.Add(AttentionWeights.Of(projected, memory.Keys, Heads, options, mask));
        return output.Forward(found, pass);
    }

    private KeyValues Project(Tensor memory, int[]? lengths)
    {
        Require(memory, "memory");
        return new KeyValues(Product(memory, QuerySize, KeySize), Product(memory, QuerySize + KeySize, KeySize), lengths);
    }

    /// <summary>The product with some of the fused weight's rows, which share its memory.</summary>
    private Tensor Product(Tensor x, int first, int rows)
        => x.MatMul(weight.Value[first..(first + rows)], bias?.Value[first..(first + rows)], transposeOther: true);

    private AttentionOptions Options(Pass pass) => new()
    {
        KeyHeads = KeyHeads,
        Dropout = pass.Training ? dropout : 0,
        Rng = pass.Training ? pass.Rng : null,
    };

    private void Require(Tensor x, string what)
    {
        if (x.Rank != 3 || x.Shape[2] != Width) throw new ShapeException($"the {what} {x.Shape} must be (B, T, {Width}).");
    }
}
