using Engine.Core;
using static TorchSharp.torch.nn.functional;

namespace Engine.Peers;

/// <summary>Attention of 4 sequences of 512 in 8 heads of 64, forward, and forward and backward. Queries, keys and values lie as a product makes them, (B, T, H·D), in
/// both libraries; libtorch cuts heads by views, as models there do.</summary>
internal static class AttentionWorkloads
{
    private const int Batch = 4, Heads = 8, Length = 512, Size = 64;

    public static IEnumerable<Workload> All => [.. Of("attention 4x8x512x64", causal: false), .. Of("attention 4x8x512x64 causal", causal: true)];

    private static IEnumerable<Workload> Of(string name, bool causal)
    {
        Given rows = new(Batch, Length, Heads * Size);
        var options = new AttentionOptions { Causal = causal };
        var attention = new Operation(name, Group.Compute, [rows, rows, rows], x => x[0].Attention(x[1], x[2], Heads, options), x =>
        {
            using Torch q = ByHead(x[0]), k = ByHead(x[1]), v = ByHead(x[2]);
            using var y = scaled_dot_product_attention(q, k, v, is_casual: causal);
            using var back = y.transpose(1, 2);
            return back.reshape(Batch, Length, Heads * Size);
        });
        // Two products forward and four backward; half of each under the diagonal.
        double product = 2.0 * Batch * Heads * Length * Length * Size * (causal ? 0.5 : 1), tensor = 4.0 * Batch * Length * Heads * Size;
        return [attention.Forward(2 * product, 4 * tensor, ", forward"), attention.Both(6 * product, 8 * tensor, ", forward and backward", 0, 1, 2)];
    }

    private static Torch ByHead(Torch x)
    {
        using var heads = x.view(Batch, Length, Heads, Size);
        return heads.transpose(1, 2);
    }
}
