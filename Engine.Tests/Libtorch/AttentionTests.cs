using Engine.Core;
using Engine.Kernels;
using TorchSharp;
using static TorchSharp.torch;
using Device = Engine.Kernels.Device;
using EngineTensor = Engine.Core.Tensor;
using TorchTensor = TorchSharp.torch.Tensor;

namespace Engine.Libtorch;

/// <summary>Attention beside libtorch's scaled_dot_product_attention, outputs and gradients, with every mask, on shapes drawn at random.</summary>
public class AttentionTests : Comparison
{
    private const int Cases = 48;

    /// <summary>What is computed. Every query sees key 0: libtorch's result of one that sees nothing depends on its version.</summary>
    private sealed record Case(int Batch, int Heads, int KeyHeads, int T, int S, int D, int E, bool Causal, int Past, int[]? Lengths, bool Flags, bool Added, double Dropout, bool Fused)
    {
        public static Case Draw(int number)
        {
            var random = Drawn.For(number);
            // Every rule alone, then two and more by chance.
            bool Has(int rule) => number % 8 == rule || (number % 8 > 5 && random.Flip());
            int keyHeads = random.Next(1, 4), heads = keyHeads * random.Next(1, 4), d = random.Next(1, 90), most = random.Next(4) == 0 ? 300 : 40, t = random.Next(5) == 0 ? 1 : random.Next(1, most);
            bool causal = Has(1), fused = random.Next(4) == 0;
            int s = fused ? t : causal ? t + random.Next(0, 40) : random.Next(1, most), batch = random.Next(1, 4);
            return new Case(batch, heads, keyHeads, t, s, d, fused ? d : random.Next(1, 90), causal, causal ? random.Next(0, s - t + 1) : 0,
                Has(2) ? [.. Enumerable.Range(0, batch).Select(_ => random.Next(1, s + 1))] : null, Has(3), Has(4), Has(5) ? 0.3 : 0, fused);
        }

        public override string ToString()
            => $"{Batch} x {Heads}/{KeyHeads} x {T}/{S} x {D}/{E}{(Fused ? ", fused" : "")}{(Causal ? $", causal from {Past}" : "")}{(Lengths is null ? "" : $", lengths {string.Join(' ', Lengths)}")}{(Flags ? ", flags" : "")}{(Added ? ", added" : "")}{(Dropout > 0 ? ", dropout" : "")}";
    }

    [Test]
    public void Float_IsLibtorchs_WithinOneHundredThousandth([Range(0, Cases - 1)] int number)
        => Note(Compare(number, new CpuDevice(1), 1e-5));

    [Test]
    public void Double_IsLibtorchs([Range(0, Cases - 1)] int number) => Compare(number, new ReferenceDevice(), 1e-10);

    /// <summary>Both against libtorch in double precision, from the same floats.</summary>
    private static double Compare(int number, Device device, double tolerance)
    {
        var c = Case.Draw(number);
        var random = Drawn.For(number + Cases);
        TestContext.Out.WriteLine($"SEED={Drawn.Seed}: {c}");
        double[] q = Floats(c.T * c.Heads * c.D), k = Floats(c.S * c.KeyHeads * c.D), v = Floats(c.S * c.KeyHeads * c.E), weights = Floats(c.T * c.Heads * c.E);
        byte[] flags = [.. Enumerable.Range(0, c.Heads * c.T * c.S).Select(i => (byte)(i % c.S == 0 || random.Flip() ? 1 : 0))];
        double[] added = [.. Enumerable.Range(0, c.Batch * c.T * c.S).Select(i => i % c.S > 0 && random.Next(6) == 0 ? double.NegativeInfinity : (float)(2 * random.NextDouble() - 1))];
        // One mask an attention: of both, the numbers alone.
        bool adds = c.Added, flagged = c.Flags && !adds;
        double[] ours = Ours(), theirs = Theirs();
        double off = Drawn.Difference(ours, theirs);
        Assert.That(off, Is.LessThanOrEqualTo(tolerance), $"SEED={Drawn.Seed}, {c}");
        TestContext.Out.WriteLine($"The largest difference: {off:E1}");
        return off;

        double[] Floats(int count) => [.. random.Numbers(c.Batch * count).Select(x => (double)(float)x)];

        double[] Ours()
        {
            var options = new AttentionOptions
            {
                KeyHeads = c.KeyHeads,
                Causal = c.Causal,
                Past = c.Causal ? c.Past : null,
                KeyLengths = c.Lengths,
                Dropout = c.Dropout,
                Rng = new Rng((ulong)number),
            };
            var mask = adds ? EngineTensor.From(added, [c.Batch, 1, c.T, c.S], device) : flagged ? EngineTensor.From(flags, [1, c.Heads, c.T, c.S], device) : null;
            EngineTensor x = Make(q, c.T, c.Heads * c.D), y = Make(k, c.S, c.KeyHeads * c.D), z = Make(v, c.S, c.KeyHeads * c.E);
            var result = c.Fused ? EngineTensor.Concat([x, y, z], 2).SelfAttention(c.Heads, options, mask) : x.Attention(y, z, c.Heads, options, mask);
            (result * EngineTensor.From(weights, result.Shape, device)).Sum().Backward();
            return [.. result.ToArray<double>(), .. x.Grad!.ToArray<double>(), .. y.Grad!.ToArray<double>(), .. z.Grad!.ToArray<double>()];

            EngineTensor Make(double[] numbers, int rows, int width) => EngineTensor.From(numbers, [c.Batch, rows, width], device).WithGrad();
        }

        double[] Theirs()
        {
            using var scope = NewDisposeScope();
            TorchTensor x = Make(q, c.T, c.Heads * c.D), y = Make(k, c.S, c.KeyHeads * c.D), z = Make(v, c.S, c.KeyHeads * c.E);
            TorchTensor qs = Cut(x, c.Heads), ks = Cut(y, c.KeyHeads).repeat_interleave(c.Heads / c.KeyHeads, 1), vs = Cut(z, c.KeyHeads).repeat_interleave(c.Heads / c.KeyHeads, 1);
            bool alone = !adds && !flagged && c.Lengths is null;
            TorchTensor result;
            if (c.Dropout > 0) result = ((qs.matmul(ks.transpose(2, 3)) / Math.Sqrt(c.D) + Mask()).softmax(3) * Kept()).matmul(vs);
            else if (alone && !c.Causal) result = nn.functional.scaled_dot_product_attention(qs, ks, vs);
            else if (alone && c.T == c.S) result = nn.functional.scaled_dot_product_attention(qs, ks, vs, is_casual: true);
            else result = nn.functional.scaled_dot_product_attention(qs, ks, vs, Mask());
            result = result.transpose(1, 2).reshape(c.Batch, c.T, c.Heads * c.E);
            (result * tensor(weights, [c.Batch, c.T, c.Heads * c.E])).sum().backward();
            return [.. Numbers(result.detach()), .. Numbers(x.grad!), .. Numbers(y.grad!), .. Numbers(z.grad!)];

            TorchTensor Make(double[] numbers, int rows, int width) => tensor(numbers, [c.Batch, rows, width], requires_grad: true);

            static TorchTensor Cut(TorchTensor t, int heads) => t.reshape(t.shape[0], t.shape[1], heads, t.shape[2] / heads).transpose(1, 2);

            static double[] Numbers(TorchTensor t) => t.contiguous().data<double>().ToArray();
        }

        TorchTensor Mask() => Each((b, h, i, j) =>
        {
            if (j >= (c.Lengths?[b] ?? c.S) || (c.Causal && j > c.Past + i)) return double.NegativeInfinity;
            if (adds) return added[(b * c.T + i) * c.S + j];
            return flagged && flags[(h * c.T + i) * c.S + j] == 0 ? double.NegativeInfinity : 0;
        });

        TorchTensor Kept()
        {
            int words = (c.S + 3) / 4 * 4;
            return Each((b, h, i, j) => Philox.Uniform(Philox.Word((ulong)number, (ulong)(((b * c.Heads + h) * c.T + i) * words + j))) >= c.Dropout ? 1 / (1 - c.Dropout) : 0);
        }

        TorchTensor Each(Func<int, int, int, int, double> of)
        {
            var all = new double[c.Batch * c.Heads * c.T * c.S];
            for (int at = 0; at < all.Length; at++) all[at] = of(at / c.S / c.T / c.Heads, at / c.S / c.T % c.Heads, at / c.S % c.T, at % c.S);
            return tensor(all, [c.Batch, c.Heads, c.T, c.S]);
        }
    }
}
