using Engine.Core;

namespace Engine.Layers;

/// <summary>Data sets made of others. None of them copies an example or keeps one.</summary>
public static class Datasets
{
    /// <summary>Examples of a list.</summary>
    public static IDataset<T> From<T>(IReadOnlyList<T> examples)
    {
        ArgumentNullException.ThrowIfNull(examples);
        return new ListDataset<T>(examples);
    }

    /// <summary>Numbers and the numbers that should be made of them; copied out of the tensors once.</summary>
    /// <param name="inputs">(N, ...), Float32.</param>
    /// <param name="targets">(N, ...), Float32.</param>
    /// <exception cref="ShapeException">The two have not as many rows, or no rows.</exception>
    public static IDataset<Example> From(Tensor inputs, Tensor targets)
    {
        RequireRows(inputs, targets);
        return new ArrayDataset(inputs.ToArray(), inputs.Shape.Product(1, inputs.Shape.Rank), targets.ToArray(), targets.Shape.Product(1, targets.Shape.Rank), inputs.Shape[0]);
    }

    /// <summary>Numbers and their classes; copied out of the tensors once.</summary>
    /// <param name="inputs">(N, ...), Float32.</param>
    /// <param name="classes">(N), Int32.</param>
    /// <exception cref="ShapeException">The two have not as many rows, or no rows.</exception>
    public static IDataset<LabelledExample> FromClasses(Tensor inputs, Tensor classes)
    {
        RequireRows(inputs, classes);
        if (classes.Shape.Rank != 1) throw new ShapeException($"Classes are (N), one for each example, and these are {classes.Shape}.");
        return new ClassArrayDataset(inputs.ToArray(), inputs.Shape.Product(1, inputs.Shape.Rank), classes.ToArray<int>());
    }

    /// <summary>Each example made into another, when it is read.</summary>
    /// <param name="data">The examples.</param>
    /// <param name="make">Called on a loader's threads, several at once.</param>
    public static IDataset<TResult> Map<T, TResult>(this IDataset<T> data, Func<T, TResult> make)
    {
        ArgumentNullException.ThrowIfNull(make);
        return data.Map((example, _) => make(example));
    }

    /// <summary>Each example made into another with random numbers of its own, when it is read.</summary>
    /// <inheritdoc cref="Map{T, TResult}(IDataset{T}, Func{T, TResult})"/>
    public static IDataset<TResult> Map<T, TResult>(this IDataset<T> data, Func<T, Rng, TResult> make)
    {
        ArgumentNullException.ThrowIfNull(data);
        ArgumentNullException.ThrowIfNull(make);
        return new MappedDataset<T, TResult>(data, make);
    }

    /// <summary>The examples that are wanted. Reads each one now, so filter before mapping to what is random or slow.</summary>
    public static IDataset<T> Filter<T>(this IDataset<T> data, Func<T, bool> wanted)
    {
        ArgumentNullException.ThrowIfNull(data);
        ArgumentNullException.ThrowIfNull(wanted);
        var streams = new Rng(0);
        return data.Subset([.. Enumerable.Range(0, data.Count).Where(i => wanted(data.Get(i, streams.Split((ulong)i))))]);
    }

    /// <summary>The examples with these numbers, in this order; a number may come twice.</summary>
    /// <exception cref="ArgumentOutOfRangeException">There is no such example.</exception>
    public static IDataset<T> Subset<T>(this IDataset<T> data, params ReadOnlySpan<int> indices)
    {
        ArgumentNullException.ThrowIfNull(data);
        foreach (int index in indices)
            if ((uint)index >= (uint)data.Count) throw new ArgumentOutOfRangeException(nameof(indices), $"There is no example {index} among {data.Count}.");
        return new SubsetDataset<T>(data, indices.ToArray());
    }

    /// <summary>The first examples, or all where there are fewer.</summary>
    public static IDataset<T> Take<T>(this IDataset<T> data, int count)
    {
        ArgumentNullException.ThrowIfNull(data);
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        return count >= data.Count ? data : data.Subset([.. Enumerable.Range(0, count)]);
    }

    /// <summary>The examples of one data set, then those of the next.</summary>
    public static IDataset<T> Concat<T>(this IDataset<T> data, params ReadOnlySpan<IDataset<T>> others)
    {
        ArgumentNullException.ThrowIfNull(data);
        return new ConcatDataset<T>([data, .. others]);
    }

    /// <summary>Cuts the examples, in an order drawn at random, into parts of these sizes.</summary>
    /// <param name="data">The examples.</param>
    /// <param name="seed">The same seed cuts the same way.</param>
    /// <param name="counts">Examples of each part; together, all of them.</param>
    /// <exception cref="ArgumentException">The counts do not make up the whole.</exception>
    public static IDataset<T>[] Split<T>(this IDataset<T> data, ulong seed, params ReadOnlySpan<int> counts)
    {
        ArgumentNullException.ThrowIfNull(data);
        long sum = 0;
        foreach (int count in counts)
        {
            ArgumentOutOfRangeException.ThrowIfNegative(count, nameof(counts));
            sum += count;
        }
        if (sum != data.Count) throw new ArgumentException($"The parts have {sum} examples together, and the data set has {data.Count}. Let the counts make up the whole, or give fractions.", nameof(counts));
        int[] order = new Rng(seed).Permutation(data.Count);
        var parts = new IDataset<T>[counts.Length];
        int from = 0;
        for (int i = 0; i < parts.Length; i++)
        {
            parts[i] = new SubsetDataset<T>(data, order[from..(from + counts[i])]);
            from += counts[i];
        }
        return parts;
    }

    /// <summary>Cuts the examples, in an order drawn at random, into parts by fractions of the whole.</summary>
    /// <param name="data">The examples.</param>
    /// <param name="seed">The same seed cuts the same way.</param>
    /// <param name="fractions">Of each part, with the sum 1. A part has ⌊fraction · Count⌋ examples; what remains goes one each to the first parts.</param>
    /// <exception cref="ArgumentException">The fractions do not make up the whole.</exception>
    public static IDataset<T>[] Split<T>(this IDataset<T> data, ulong seed, params ReadOnlySpan<double> fractions)
    {
        ArgumentNullException.ThrowIfNull(data);
        double sum = 0;
        var counts = new int[fractions.Length];
        int left = data.Count;
        for (int i = 0; i < counts.Length; i++)
        {
            if (!(fractions[i] is >= 0 and <= 1)) throw new ArgumentException($"Fraction {i} is {fractions[i]}, which is not between 0 and 1.", nameof(fractions));
            sum += fractions[i];
            counts[i] = (int)(fractions[i] * data.Count + 1e-9 * data.Count);   // 0.1 + 0.2 is not to cost an example
            left -= counts[i];
        }
        if (Math.Abs(sum - 1) > 1e-6) throw new ArgumentException($"The fractions have the sum {sum}, which is not 1. Add a part for what is left over.", nameof(fractions));
        for (int i = 0; left > 0; i = (i + 1) % counts.Length, left--) counts[i]++;
        return data.Split(seed, counts);
    }

    private static void RequireRows(Tensor inputs, Tensor targets)
    {
        if (inputs.Shape.Rank == 0 || targets.Shape.Rank == 0 || inputs.Shape[0] != targets.Shape[0])
            throw new ShapeException($"Inputs {inputs.Shape} and targets {targets.Shape} have not one row for each example.");
    }
}
