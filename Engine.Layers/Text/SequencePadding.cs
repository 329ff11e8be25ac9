using Engine.Core;
using Engine.Kernels;

namespace Engine.Layers;

/// <summary>How sequences of different length become the rows of one batch, (N, T): T is <see cref="Length"/>, or else the longest sequence's number of
/// tokens, at most <see cref="MaxLength"/> and at least <see cref="MinLength"/>. Longer ones are cut, shorter ones filled up.</summary>
public sealed record SequencePadding
{
    /// <summary>The id of padding: <see cref="Vocabulary.Padding"/>.</summary>
    public int Token { get; init; }

    /// <summary>T, exactly; as long as the longest unless given.</summary>
    public int? Length
    {
        get;
        init => field = AtLeastOne(value, nameof(Length));
    }

    /// <summary>T at most; no limit unless given.</summary>
    public int? MaxLength
    {
        get;
        init => field = AtLeastOne(value, nameof(MaxLength));
    }

    /// <summary>The steps that each sequence has at least, by way of padding: the widest window of a convolution. 0 refuses sequences without tokens.</summary>
    public int MinLength
    {
        get;
        init
        {
            ArgumentOutOfRangeException.ThrowIfNegative(value);
            field = value;
        }
    }

    /// <summary>Where padding goes. After the last token (as PyTorch does it), so that a batch's lengths tell which steps are padding; layers then pass them
    /// over. Before the first one (as Keras does it), nothing tells, and padding is a token like others.</summary>
    public SequenceEnd Pad { get; init; } = SequenceEnd.End;

    /// <summary>Where tokens are cut off: at <see cref="SequenceEnd.End"/> the first ones are kept, at <see cref="SequenceEnd.Start"/> the last ones.</summary>
    public SequenceEnd Cut { get; init; } = SequenceEnd.End;

    /// <summary>As Keras' pad_sequences does it unless told otherwise: exactly so long, the last tokens are kept, and padding comes first.</summary>
    public static SequencePadding Keras(int length) => new() { Length = length, MinLength = 1, Pad = SequenceEnd.Start, Cut = SequenceEnd.Start };

    /// <summary>The tokens of a sequence that are kept in a batch of it alone: at most <see cref="Length"/> or <see cref="MaxLength"/>.</summary>
    public ReadOnlyMemory<int> CutOff(ReadOnlyMemory<int> tokens) => CutTo(Length ?? MaxLength ?? int.MaxValue, tokens);

    /// <summary>Sequences as a tensor, to predict with.</summary>
    /// <param name="sequences">Ids of tokens.</param>
    /// <param name="device">Where the tensor goes; the processor unless given.</param>
    /// <returns>(N, T), Int32, and the number of steps of each sequence; null where padding comes first.</returns>
    /// <exception cref="ShapeException">There is no sequence, or one has no tokens and <see cref="MinLength"/> is 0; the message names it.</exception>
    public (Tensor Tokens, int[]? Lengths) ToTensor(IReadOnlyList<ReadOnlyMemory<int>> sequences, Device? device = null)
    {
        ArgumentNullException.ThrowIfNull(sequences);
        var batch = new HostTensor();
        try
        {
            int[]? lengths = Write([.. sequences], batch);
            return (batch.ToTensor(device ?? Device.Cpu), lengths);
        }
        catch (ExampleException e)
        {
            throw e.InnerException!;
        }
    }

    /// <summary>Writes rows, and tells the number of steps of each.</summary>
    /// <exception cref="ExampleException">One has no tokens, and must have some.</exception>
    internal int[]? Write(ReadOnlySpan<ReadOnlyMemory<int>> sequences, HostTensor to)
    {
        if (sequences.IsEmpty) throw new ShapeException("There is no sequence in the batch. Give at least one.");
        int longest = MinLength;
        for (int i = 0; i < sequences.Length; i++)
        {
            if (sequences[i].IsEmpty && MinLength == 0)
                throw new ExampleException(i, new ShapeException($"Row {i} has no tokens, and there is nothing to compute on. Leave empty texts out, or let MinLength be 1, which gives them one of padding."));
            longest = Math.Max(longest, sequences[i].Length);
        }
        int steps = Length ?? Math.Min(longest, MaxLength ?? int.MaxValue);
        var ids = to.SetInts([sequences.Length, steps]);
        ids.Fill(Token);
        int[] lengths = new int[sequences.Length];
        for (int i = 0; i < lengths.Length; i++)
        {
            var row = ids.Slice(i * steps, steps);
            var tokens = CutTo(steps, sequences[i]).Span;
            tokens.CopyTo(Pad == SequenceEnd.End ? row : row[(steps - tokens.Length)..]);
            lengths[i] = Math.Min(steps, Math.Max(tokens.Length, MinLength));
        }
        return Pad == SequenceEnd.End ? lengths : null;
    }

    private ReadOnlyMemory<int> CutTo(int steps, ReadOnlyMemory<int> tokens)
        => tokens.Length <= steps ? tokens : Cut == SequenceEnd.End ? tokens[..steps] : tokens[^steps..];

    private static int? AtLeastOne(int? length, string name)
    {
        if (length < 1) throw new ArgumentOutOfRangeException(name, $"{name} is {length}, and a batch has at least one step.");
        return length;
    }
}
