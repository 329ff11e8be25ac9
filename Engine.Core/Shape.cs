using System.Collections;
using System.ComponentModel;
using System.Runtime.CompilerServices;

namespace Engine.Core;

/// <summary>The sizes of a tensor's axes, outermost first. A scalar has none.</summary>
/// <remarks>Written as a list: <c>[2, 3]</c>.</remarks>
[CollectionBuilder(typeof(Shape), nameof(Create))]
public readonly struct Shape : IEquatable<Shape>, IEnumerable<int>
{
    private readonly int[]? sizes;

    /// <summary>A shape of these sizes.</summary>
    /// <exception cref="ShapeException">A size is negative, or the product is over 2³¹ − 1.</exception>
    public Shape(params ReadOnlySpan<int> sizes)
    {
        this.sizes = sizes.ToArray();
        long count = 1;
        foreach (int size in sizes)
        {
            if (size < 0) throw new ShapeException($"A shape has no negative size: ({string.Join(", ", this.sizes)}).");
            count = Math.Min(count * size, 1L << 32);
        }
        if (count > int.MaxValue) throw new ShapeException($"({string.Join(", ", this.sizes)}) has more than {int.MaxValue:N0} numbers, the most one tensor holds. Split it.");
        Count = (int)count;
        Filled = true;
    }

    /// <summary>For collection expressions.</summary>
    public static Shape Create(ReadOnlySpan<int> sizes) => new(sizes);

    /// <summary>A shape of these sizes.</summary>
    public static implicit operator Shape(int[] sizes) => new(sizes);

    private bool Filled { get; }

    /// <summary>How many axes.</summary>
    public int Rank => Sizes.Length;

    /// <summary><see cref="Rank"/>, under the name by which the compiler counts what it matches and spreads: <c>shape is [var n, 3]</c>,
    /// <c>[1, .. shape]</c>.</summary>
    [EditorBrowsable(EditorBrowsableState.Never)]
    public int Length => Rank;

    /// <summary>How many numbers: the product of the sizes, 1 for a scalar.</summary>
    public int Count => Filled ? field : 1;

    /// <summary>The sizes.</summary>
    public ReadOnlySpan<int> Sizes => sizes;

    /// <summary>The size of an axis; negative ones count from the end.</summary>
    /// <exception cref="ShapeException">There is no such axis.</exception>
    public int this[int axis] => Sizes[Axis(axis)];

    /// <inheritdoc cref="this[int]"/>
    /// <remarks>For <c>shape[^1]</c>.</remarks>
    public int this[Index axis] => this[axis.IsFromEnd && axis.Value > 0 ? -axis.Value : axis.GetOffset(Rank)];

    /// <summary>The axis as a number from 0.</summary>
    /// <exception cref="ShapeException">There is no such axis.</exception>
    public int Axis(int axis)
    {
        int found = axis < 0 ? axis + Rank : axis;
        return (uint)found < (uint)Rank ? found : throw new ShapeException($"There is no axis {axis} in {this}, which has {Rank}.");
    }

    /// <summary>Product of the sizes from one axis to before another.</summary>
    public int Product(int from, int to)
    {
        int product = 1;
        for (int i = from; i < to; i++) product *= Sizes[i];
        return product;
    }

    /// <summary>Row-major strides: numbers from one index of each axis to the next.</summary>
    public int[] Strides()
    {
        var strides = new int[Rank];
        int stride = 1;
        for (int i = Rank - 1; i >= 0; i--)
        {
            strides[i] = stride;
            stride *= Sizes[i];
        }
        return strides;
    }

    /// <summary>This shape with one axis of another size.</summary>
    public Shape With(int axis, int size)
    {
        var copy = Sizes.ToArray();
        copy[Axis(axis)] = size;
        return new Shape(copy);
    }

    /// <summary>The shape to which two broadcast: aligned at the last axis, sizes equal or one of them 1.</summary>
    /// <exception cref="ShapeException">They do not broadcast.</exception>
    public static Shape Broadcast(Shape a, Shape b, string op)
    {
        if (a == b) return a;
        int rank = Math.Max(a.Rank, b.Rank);
        var sizes = new int[rank];
        for (int i = 1; i <= rank; i++)
        {
            int x = i <= a.Rank ? a.Sizes[^i] : 1, y = i <= b.Rank ? b.Sizes[^i] : 1;
            if (x != y && x != 1 && y != 1)
                throw new ShapeException($"{op}: {a} and {b} do not broadcast: counted from the last axis, axis {i} is {x} in one and {y} in the other. Reshape or permute one of them.");
            sizes[^i] = x == 1 ? y : x;
        }
        return new Shape(sizes);
    }

    /// <inheritdoc/>
    public bool Equals(Shape other) => Sizes.SequenceEqual(other.Sizes);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is Shape other && Equals(other);

    /// <inheritdoc/>
    public override int GetHashCode()
    {
        var hash = new HashCode();
        foreach (int size in Sizes) hash.Add(size);
        return hash.ToHashCode();
    }

    /// <summary>Same sizes.</summary>
    public static bool operator ==(Shape a, Shape b) => a.Equals(b);

    /// <summary>Other sizes.</summary>
    public static bool operator !=(Shape a, Shape b) => !a.Equals(b);

    /// <summary>As the field writes it: (2, 3).</summary>
    public override string ToString() => $"({string.Join(", ", sizes ?? [])})";

    /// <summary>The sizes in order.</summary>
    public IEnumerator<int> GetEnumerator() => ((IEnumerable<int>)(sizes ?? [])).GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
}
