using System.Numerics.Tensors;
using BenchmarkDotNet.Attributes;
using Engine.Core;
using Engine.Kernels;
using Tensor = Engine.Core.Tensor;

namespace Engine.Benchmarks;

/// <summary>Elementwise functions on the processor, beside System.Numerics.Tensors, which runs on one thread: what the generic loop costs over
/// one written for its function alone.</summary>
[MemoryDiagnoser]
public class ElementwiseBenchmarks
{
    private CpuDevice device = null!;
    private Tensor x = null!, y = null!, row = null!, column = null!, flags = null!;
    private float[] input = [], other = [], output = [];

    /// <summary>Floats: in the second-level cache, and far beyond every cache.</summary>
    [Params(16_384, 4_194_304)]
    public int Length { get; set; }

    [Params(1, 2)]
    public int Threads { get; set; }

    [GlobalSetup]
    public void Setup()
    {
        device = new CpuDevice(Threads);
        var rng = new Rng(1);
        x = Tensor.Uniform([Length / 64, 64], rng, -3, 3, device);
        y = Tensor.Uniform([Length / 64, 64], rng, 0.5, 3, device);
        row = Tensor.Uniform([64], rng, -3, 3, device);
        column = Tensor.Uniform([Length / 64, 1], rng, -3, 3, device);
        flags = x.Less(y);
        (input, other, output) = (x.ToArray(), y.ToArray(), new float[Length]);
    }

    [GlobalCleanup]
    public void Cleanup() => device.Dispose();

    [Benchmark]
    public void Relu() => Run(() => x.Relu());

    [Benchmark]
    public void Add() => Run(() => x + y);

    [Benchmark]
    public void PrimitivesAdd() => TensorPrimitives.Add(input, other, output);

    [Benchmark]
    public void AddRow() => Run(() => x + row);

    [Benchmark]
    public void AddColumn() => Run(() => x + column);

    [Benchmark]
    public void Multiply() => Run(() => x * y);

    [Benchmark]
    public void MultiplyByNumber() => Run(() => x * 1.5);

    [Benchmark]
    public void Maximum() => Run(() => Tensor.Maximum(x, y));

    [Benchmark]
    public void PrimitivesMax() => TensorPrimitives.Max(input, other, output);

    [Benchmark]
    public void Less() => Run(() => x.Less(y));

    [Benchmark]
    public void Where() => Run(() => Tensor.Where(flags, x, y));

    [Benchmark]
    public void Exp() => Run(() => x.Exp());

    [Benchmark]
    public void PrimitivesExp() => TensorPrimitives.Exp(input, output);

    [Benchmark]
    public void Log() => Run(() => y.Log());

    [Benchmark]
    public void PrimitivesLog() => TensorPrimitives.Log(other, output);

    [Benchmark]
    public void Tanh() => Run(() => x.Tanh());

    [Benchmark]
    public void PrimitivesTanh() => TensorPrimitives.Tanh(input, output);

    [Benchmark]
    public void Sigmoid() => Run(() => x.Sigmoid());

    [Benchmark]
    public void PrimitivesSigmoid() => TensorPrimitives.Sigmoid(input, output);

    [Benchmark]
    public void Gelu() => Run(() => x.Gelu());

    [Benchmark]
    public void GeluTanh() => Run(() => x.GeluTanh());

    [Benchmark]
    public void Pow() => Run(() => y.Pow(2.5));

    [Benchmark]
    public void Dropout() => Run(() => x.Dropout(0.5, new Rng(1)));

    [Benchmark]
    public void Uniform() => Run(() => Tensor.Uniform(x.Shape, new Rng(1), device: device));

    [Benchmark]
    public void Normal() => Run(() => Tensor.Normal(x.Shape, new Rng(1), device: device));

    [Benchmark]
    public void CastToHalf() => Run(() => x.Cast(DType.Float16));

    [Benchmark]
    public void CastFromByte() => Run(() => flags.Cast(DType.Float32));

    private void Run(Func<Tensor> body)
    {
        using var scope = device.Scope();
        body();
    }
}
