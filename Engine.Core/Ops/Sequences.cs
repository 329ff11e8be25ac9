namespace Engine.Core;

/// <summary>What every op over sequences (N, C, L) asks of its input.</summary>
internal static class Sequences
{
    /// <summary>Refuses what is not (N, C, L) with L at least 1.</summary>
    public static void Require(string op, Tensor x)
    {
        if (x.Rank != 3) throw new ShapeException($"{op}: the input {x.Describe()} must be (N, C, L), channels before steps. Reshape a single sequence to (1, C, L), and Permute(0, 2, 1) what is (N, L, C).");
        if (x.Shape[2] < 1) throw new ShapeException($"{op}: the sequences of {x.Describe()} are empty. Leave them out.");
    }

    /// <summary>Refuses a number under <paramref name="least"/>.</summary>
    public static void AtLeast(string op, string what, int number, int least)
    {
        if (number < least) throw new ShapeException($"{op}: the {what} is {number}, and must be at least {least}.");
    }

    /// <summary>Refuses lengths that are not of this batch, or of no step.</summary>
    private static void RequireLengths(string op, Tensor x, IReadOnlyList<int> lengths)
    {
        if (lengths.Count != x.Shape[0])
            throw new ShapeException($"{op}: {lengths.Count} lengths for the {x.Shape[0]} sequences of {x.Describe()}. Give one for each.");
        for (int n = 0; n < lengths.Count; n++)
        {
            if (lengths[n] < 1)
                throw new SequenceException($"{op}: sequence {n} of {x.Describe()} has {lengths[n]} steps: it was empty, or shorter than a window before. Leave it out, or pad those windows by their size less 1.", n);
            if (lengths[n] > x.Shape[2])
                throw new SequenceException($"{op}: sequence {n} of {x.Describe()} is said to have {lengths[n]} steps. Lengths go up to {x.Shape[2]}.", n);
        }
    }

    /// <summary>x, but one number wherever a step lies past its sequence's end; x itself where none does.</summary>
    public static Tensor Fill(string op, Tensor x, IReadOnlyList<int>? lengths, double value)
    {
        Require(op, x);
        if (lengths is null) return x;
        RequireLengths(op, x, lengths);
        int steps = x.Shape[2];
        if (lengths.All(length => length == steps)) return x;
        var past = new byte[lengths.Count * steps];
        for (int n = 0; n < lengths.Count; n++) past.AsSpan(n * steps + lengths[n], steps - lengths[n]).Fill(1);
        return x.MaskedFill(Tensor.From(past, [lengths.Count, 1, steps], x.Device), value);
    }
}
