using Engine.Kernels;

namespace Engine.Core;

public sealed partial class Tensor
{
    /// <summary>Rotary positions: each pair of a head's numbers turned by an angle that grows with the step's position, so that the product of a query and a key
    /// depends on how far apart they are.</summary>
    /// <param name="heads">H: the last axis is H heads, one beside the other.</param>
    /// <param name="first">The position of the first step: how many a cache holds already.</param>
    /// <param name="baseFrequency">Pair i of a head of D turns by position / baseFrequency^(2i/D).</param>
    /// <param name="halves">Pairs are (i, i + D/2), as in Llama and GPT-NeoX; false for neighbours, (2i, 2i + 1), as in the paper.</param>
    /// <returns>This shape, (…, T, H·D).</returns>
    /// <exception cref="ShapeException">This has fewer than 2 axes, the heads do not divide the last, or D is odd.</exception>
    /// <exception cref="ArgumentOutOfRangeException">heads is under 1, first negative, or baseFrequency not positive and finite.</exception>
    /// <exception cref="DTypeException">This is not Float32.</exception>
    /// <remarks>The table is made anew in each call; what turns often keeps one. Gradient: dy turned back. Source: Su and others 2021, arXiv:2104.09864.</remarks>
    public Tensor Rotary(int heads, int first = 0, double baseFrequency = 10000, bool halves = true)
    {
        RotaryOp.Check(this, heads);
        return Op.Apply(new RotaryOp(heads, 0, halves), this, RotaryTable(Shape[-2], Shape[-1] / heads, baseFrequency, Device, first));
    }

    /// <summary>Rotary positions from a table kept.</summary>
    /// <param name="heads">H: the last axis is H heads, one beside the other.</param>
    /// <param name="table">(P, D), from <see cref="RotaryTable"/>, on this device.</param>
    /// <param name="first">The position of the first step, its row of the table.</param>
    /// <param name="halves">Pairs are (i, i + D/2), as in Llama and GPT-NeoX; false for neighbours, (2i, 2i + 1), as in the paper.</param>
    /// <exception cref="ShapeException">This has fewer than 2 axes, the heads do not divide the last, or the table has another width or too few positions.</exception>
    /// <exception cref="ArgumentOutOfRangeException">heads is under 1, or first negative.</exception>
    /// <inheritdoc cref="Rotary(int, int, double, bool)"/>
    public Tensor Rotary(int heads, Tensor table, int first = 0, bool halves = true)
    {
        ArgumentNullException.ThrowIfNull(table);
        ArgumentOutOfRangeException.ThrowIfNegative(first);
        RotaryOp.Check(this, heads);
        return Op.Apply(new RotaryOp(heads, first, halves), this, table.Detach());
    }
}

/// <summary>Each pair of each head turned by its angle at the step's position.</summary>
internal sealed class RotaryOp(int heads, int first, bool halves) : Op
{
    private RotarySizes sizes;

    public override string Name => "Rotary";

    public override string Attributes => $"heads={heads}{(first == 0 ? "" : $", first={first}")}{(halves ? "" : ", neighbours")}";

    public override long Flops => 3L * InputShape(0).Count;

    public static void Check(Tensor x, int heads)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(heads);
        if (x.DType != DType.Float32) throw new DTypeException($"Rotary: {x.Describe()} is {x.DType}, and must be Float32. Cast it.");
        if (x.Rank < 2 || x.Shape[-1] % heads != 0)
            throw new ShapeException($"Rotary: {x.Describe()} must be (…, T, H·D) with H = {heads}.");
    }

    public override Tensor Forward()
    {
        Tensor x = Input(0), table = Input(1);
        int steps = x.Shape[-2], width = x.Shape[-1] / heads;
        if (table.Rank != 2 || table.Shape[1] != width)
            throw new ShapeException($"Rotary: the table {table.Describe()} must be (P, {width}) for {heads} heads of {x.Describe()}.");
        if (table.Shape[0] - first < steps)
            throw new ShapeException($"Rotary: the {steps} steps of {x.Describe()} from position {first} on go past the table's {table.Shape[0]} positions. Make a longer one.");
        sizes = new RotarySizes(x.Shape.Product(0, x.Rank - 2), steps, heads, width, first, halves);
        var y = NewTensor(x.Shape);
        x.Device.Rotary(x.View, table.View, y.View, sizes, inverse: false);
        Save(table);
        return y;
    }

    public override Tensor?[] Backward(Tensor dy)
    {
        var dx = Tensor.Empty(dy.Shape, dy.Device, op: Name);
        dy.Device.Rotary(dy.View, Saved(0).View, dx.View, sizes, inverse: true);
        return [dx, null];
    }
}
