using TorchSharp;
using static TorchSharp.torch.nn.functional;

namespace Engine.Peers;

/// <summary>What moves more than it computes. An elementwise function counts no arithmetic: its limit is to read and write each number once.</summary>
internal static class MemoryWorkloads
{
    private const int Rows = 1024, Columns = 1024;

    public static IEnumerable<Workload> All =>
    [
        .. Pooling,
        Elementwise("softmax 1M", [Matrix], x => x[0].Softmax(), x => x[0].softmax(1)),
        Elementwise("layer norm 1M", [Matrix, new(Columns), new(Columns)], x => x[0].LayerNorm(x[1], x[2]), x => layer_norm(x[0], [Columns], x[1], x[2])),
        Elementwise("gelu 1M", [Matrix], x => x[0].Gelu(), x => gelu(x[0])),
        Elementwise("tanh 1M", [Matrix], x => x[0].Tanh(), x => x[0].tanh()),
        Elementwise("exp 1M", [Matrix], x => x[0].Exp(), x => x[0].exp()),
        Elementwise("add 1M", [Matrix, Matrix], x => x[0] + x[1], x => x[0] + x[1]),
        Elementwise("sum 1M", [Matrix], x => x[0].Sum(), x => x[0].sum(), results: 1),
        Elementwise("transpose 1M", [Matrix], x => x[0].Transpose(), x =>
        {
            using var view = x[0].t();
            return view.contiguous();
        }),
        EmbeddingGradient(10_000, 128, 3_200),
    ];

    private static Given Matrix => new(Rows, Columns);

    private static IEnumerable<Workload> Pooling
    {
        get
        {
            const double Count = 32 * 64 * 56 * 56;
            var pool = new Operation("max pool 32x64x56x56 2x2", Group.Memory, [new(32, 64, 56, 56)], x => x[0].MaxPool2d(2), x => max_pool2d(x[0], [2, 2]));
            // Backward: dy is read and dx written; which of four was the largest takes a byte at least.
            return [pool.Forward(0, 4 * Count * 1.25, ", forward"), pool.Backward(0, 4 * Count * 1.25 + Count / 4, ", backward", 0)];
        }
    }

    private static Workload Elementwise(string name, Given[] inputs, Func<Tensor[], Tensor> engine, Func<Torch[], Torch> libtorch, int results = Rows * Columns)
        => new Operation(name, Group.Memory, inputs, engine, libtorch).Forward(0, 4.0 * (inputs.Sum(x => (double)Numbers.Count(x.Shape)) + results));

    /// <summary>The gradient of a table whose rows were looked up, as a whole tensor: what was not looked up is 0.</summary>
    private static Workload EmbeddingGradient(int count, int size, int ids)
    {
        Given table = new(count, size), rows = new([ids], Below: count);
        var lookup = new Operation($"embedding gradient {count}x{size}, {ids} ids", Group.Memory, [table, rows], x => x[0].GatherRows(x[1]), _ => throw new NotSupportedException("The layer alone looks up."));
        return lookup.Backward(0, 4.0 * ((double)count * size + (double)ids * size + ids), "", 0) with
        {
            Libtorch = () =>
            {
                var layer = torch.nn.Embedding(count, size);
                layer.weight = new TorchSharp.Modules.Parameter(table.Libtorch(1));
                var x = rows.Libtorch(2);
                return Operation.LibtorchGradients(() => layer.forward(x), [layer.weight], keep: true);
            },
        };
    }
}
