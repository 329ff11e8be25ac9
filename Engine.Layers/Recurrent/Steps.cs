using Engine.Core;
using Engine.Kernels;

namespace Engine.Layers;

/// <summary>The steps of a batch (B, T, …) as rows: packed where the pass has lengths that leave some out, else as they lie.</summary>
internal sealed class Steps
{
    private readonly Shape whole;

    public Steps(Tensor x, int inputSize, Pass pass) : this(x, pass)
    {
        if (x.Rank != 3 || x.Shape[2] != inputSize) throw new ShapeException($"the input {x.Shape} must be (B, T, {inputSize}).");
    }

    public Steps(Tensor x, Pass pass)
    {
        whole = x.Shape;
        if (x.Rank < 3) throw new ShapeException($"the input {x.Shape} must be sequences, (B, T, …).");
        if (Batch == 0 || x.Shape[1] == 0) throw new ShapeException($"the input {x.Shape} has no {(Batch == 0 ? "sequence: the batch is empty" : "step: sequence 0 of the batch has length 0")}. Leave it out.");
        if (pass.Lengths is { } lengths)
        {
            PackedSequence.Require(x, lengths);
            if (Array.Exists(lengths, length => length < x.Shape[1])) Packed = PackedSequence.Pack(x, lengths);
        }
        Rows = Packed?.Rows ?? x.Reshape([Batch * x.Shape[1], .. x.Shape.Sizes[2..]]);
        Layout = Packed?.Layout ?? SequenceLayout.Padded(Batch, x.Shape[1]);
    }

    public int Batch => whole[0];

    /// <summary>Null where no step is left out.</summary>
    public PackedSequence? Packed { get; }

    public Tensor Rows { get; }

    public SequenceLayout Layout { get; }

    /// <summary>What was made of the rows as (B, T, …), 0 past a sequence's end.</summary>
    public Tensor Padded(Tensor rows) => Packed?.With(rows).Unpack() ?? rows.Reshape([whole[0], whole[1], .. rows.Shape.Sizes[1..]]);
}
