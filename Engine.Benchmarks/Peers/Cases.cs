namespace Engine.Peers;

/// <summary>A library under comparison: it prepares a case, and then does it as often as asked.</summary>
internal interface IPeer
{
    /// <summary>C = A·B, all n×n, C in new memory.</summary>
    Action MatMul(int n);

    /// <summary>One step of training the digits network on one batch; gives the loss before the step.</summary>
    Func<float> TrainStep(float[] images, int[] classes, float[][] weights);

    /// <summary>The CTC loss of logits (Batch, steps, classes), and their gradient; gives the loss.</summary>
    Func<float> Ctc(float[] logits, int steps, int classes, int[] labels);

    /// <summary>A recurrent layer over a batch of sequences, from the mean square of its outputs also back to its weights if asked; gives that mean.</summary>
    /// <param name="lstm">LSTM, else GRU.</param>
    /// <param name="x">(batch, <see cref="Cases.Steps"/>, <see cref="Cases.Channels"/>).</param>
    /// <param name="weights">Input's weight, state's weight, input's bias, state's bias, for <see cref="Cases.Units"/>.</param>
    /// <param name="train">Compute the weights' gradients.</param>
    Func<float> Recurrent(bool lstm, float[] x, float[][] weights, bool train);
}

/// <summary>What is compared, the same numbers for every peer.</summary>
internal static class Cases
{
    public const int Batch = 32;

    /// <summary>Of the recurrent layers.</summary>
    public const int Steps = 100, Channels = 64, Units = 128;

    public static string[] Names { get; } =
    [
        "matmul 256", "matmul 512", "matmul 1024", "cnn step",
        "lstm forward 1", "lstm forward 32", "lstm backward 1", "lstm backward 32", "gru forward 1", "gru forward 32", "gru backward 1", "gru backward 32",
        "ctc 100 11 10", "ctc 500 30 60",
    ];

    /// <summary>Shapes of the network's parameters: convolutions (K, C, R, S) and dense layers (out, in), each followed by its bias.</summary>
    public static int[][] Shapes { get; } = [[32, 1, 3, 3], [32], [64, 32, 3, 3], [64], [128, 1600], [128], [10, 128], [10]];

    public static Func<float> Make(IPeer peer, string name)
    {
        if (name == "cnn step")
        {
            var weights = Shapes.Select((shape, i) => Numbers(shape.Aggregate(1, (a, b) => a * b), i, 1 / Math.Sqrt(shape.Skip(1).Aggregate(1, (a, b) => a * b)))).ToArray();
            int[] classes = [.. Enumerable.Range(0, Batch).Select(i => i * 7 % 10)];
            return peer.TrainStep(Array.ConvertAll(Numbers(Batch * 28 * 28, 99, 1), Math.Abs), classes, weights);
        }
        if (name.Split(' ') is ["ctc", .. var sizes] && Array.ConvertAll(sizes, int.Parse) is [var t, var c, var s])
            return peer.Ctc(Numbers(Batch * t * c, 1, 2), t, c, [.. Enumerable.Range(0, Batch * s).Select(i => 1 + i * 7 % (c - 1))]);
        if (name.Split(' ') is [("lstm" or "gru") and var cell, var pass, var batch])
        {
            int rows = Units * (cell == "lstm" ? 4 : 3);
            float[][] weights = [Numbers(rows * Channels, 1, 0.1), Numbers(rows * Units, 2, 0.1), Numbers(rows, 3, 0.1), Numbers(rows, 4, 0.1)];
            return peer.Recurrent(cell == "lstm", Numbers(int.Parse(batch) * Steps * Channels, 5, 1), weights, pass == "backward");
        }
        var product = peer.MatMul(int.Parse(name.Split(' ')[1]));
        return () =>
        {
            product();
            return 0;
        };
    }

    /// <summary>In [−scale, scale), by a linear congruential sequence (Numerical Recipes' constants).</summary>
    public static float[] Numbers(int count, int seed, double scale)
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
}
