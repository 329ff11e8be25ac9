using Engine.Core;
using Engine.Kernels;

namespace Engine.Tests.Conformance;

public sealed class FillCases : IOpCases
{
    public static IEnumerable<OpCase> All()
    {
        foreach (int n in new[] { 0, 1, 3, 4, 5, 15, 16, 17, 33 })
        {
            yield return Case($"Full {n}", d => Tensor.Full([n], -2.5, d));
            yield return Case($"Arange {n}", d => Tensor.Arange(n, d));
            yield return Case($"Uniform {n}", d => Tensor.Uniform([n], new Rng(7), -3, 5, d));
            yield return Case($"Normal {n}", d => Tensor.Normal([n], new Rng(7), 1, 3, d));
            foreach (var dtype in new[] { DType.Int32, DType.UInt8 })
            {
                yield return Case($"Full {dtype} {n}", d => Tensor.Full([n], 200.7, d, dtype));
                yield return Case($"Arange {dtype} {n}", d => Tensor.Arange(n, d, dtype));
            }
        }
        yield return Case("Zeros over a grain", d => Tensor.Zeros([16385], d)) with { Emulate = false };
        yield return Case("Uniform over a grain", d => Tensor.Uniform([16387], new Rng(8), device: d)) with { Emulate = false };
        yield return Case("Normal over a grain", d => Tensor.Normal([16387], new Rng(8), device: d)) with { Emulate = false };
        yield return Case("Ones of a scalar", d => Tensor.Ones([], d));
    }

    private static OpCase Case(string name, Func<Device, Tensor> make)
        => new(name, x => make(x[0].Device), Arg.Any().Constant) { HasGradient = false };
}
