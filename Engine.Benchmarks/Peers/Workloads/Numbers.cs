namespace Engine.Peers;

/// <summary>The numbers that both libraries start from.</summary>
internal static class Numbers
{
    /// <summary>In [−scale, scale), by a linear congruential sequence (Numerical Recipes' constants).</summary>
    public static float[] Uniform(int count, int seed, double scale = 1)
    {
        uint state = (uint)seed * 2654435761u + 1;
        var numbers = new float[count];
        for (int i = 0; i < count; i++)
        {
            state = state * 1664525u + 1013904223u;
            numbers[i] = (float)(scale * (2.0 * (state >> 8) / (1 << 24) - 1));
        }
        return numbers;
    }

    /// <summary>In [0, below), scattered.</summary>
    public static int[] Ids(int count, int below, int first = 0) => [.. Enumerable.Range(0, count).Select(i => first + (int)(i * 7919L % (below - first)))];

    /// <summary>A model's i-th parameter: weights uniform in ±1/√fan-in, those of norms about 1, biases small.</summary>
    public static float[] Parameter(int i, string name, ReadOnlySpan<int> shape)
    {
        int count = 1;
        foreach (int size in shape) count *= size;
        if (shape.Length > 1) return Uniform(count, i + 1, 1 / Math.Sqrt(count / shape[0]));
        float[] small = Uniform(count, i + 1, 0.1);
        return name.EndsWith("weight", StringComparison.Ordinal) ? Array.ConvertAll(small, x => 1 + x) : small;
    }

    /// <summary>How many numbers a shape holds.</summary>
    public static int Count(IEnumerable<int> shape) => shape.Aggregate(1, (a, b) => a * b);
}
