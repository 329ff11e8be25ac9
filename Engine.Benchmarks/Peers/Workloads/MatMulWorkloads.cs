namespace Engine.Peers;

/// <summary>Products of matrices, C = A·B.</summary>
internal static class MatMulWorkloads
{
    public static IEnumerable<Workload> All =>
    [
        .. new[] { 64, 128, 256, 512, 1024, 2048 }.Select(n => Of($"matmul {n}", n, n, n)),
        Of("matmul 32x1600x128", 32, 1600, 128),
        Of("matmul 1024x256x30522", 1024, 256, 30522),
    ];

    private static Workload Of(string name, int m, int k, int n)
        => new Operation(name, Group.Compute, [new(m, k), new(k, n)], x => x[0].MatMul(x[1]), x => x[0].matmul(x[1]))
            .Forward(2.0 * m * k * n, 4.0 * ((double)m * k + (double)k * n + (double)m * n));
}
