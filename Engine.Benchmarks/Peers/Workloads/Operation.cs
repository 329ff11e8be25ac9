using Engine.Core;
using Engine.Kernels;
using Engine.Layers;
using TorchSharp;

namespace Engine.Peers;

/// <summary>A tensor that an operation is given.</summary>
/// <param name="Shape">Its sizes.</param>
/// <param name="Below">0 for numbers; else the tensor holds ids below this.</param>
internal sealed record Given(int[] Shape, int Below = 0)
{
    public Given(params int[] shape) : this(shape, 0) { }

    public Tensor Engine(int seed, Device device)
        => Below > 0 ? Tensor.From(Numbers.Ids(Numbers.Count(Shape), Below), Shape, device) : Tensor.From(Numbers.Uniform(Numbers.Count(Shape), seed), Shape, device);

    public Torch Libtorch(int seed)
    {
        long[] shape = Array.ConvertAll(Shape, s => (long)s);
        return Below > 0 ? torch.tensor(Array.ConvertAll(Numbers.Ids(Numbers.Count(Shape), Below), x => (long)x), shape) : torch.tensor(Numbers.Uniform(Numbers.Count(Shape), seed), shape);
    }
}

/// <summary>One function of tensors: forward, the gradients of some of its tensors alone, or both.</summary>
/// <param name="Name">Of the workloads.</param>
/// <param name="Group">Of the workloads.</param>
/// <param name="Inputs">What it is given.</param>
/// <param name="Engine">The engine's form.</param>
/// <param name="Libtorch">Libtorch's; it lets go of what it makes on the way.</param>
internal sealed record Operation(string Name, Group Group, Given[] Inputs, Func<Tensor[], Tensor> Engine, Func<Torch[], Torch> Libtorch)
{
    private const int GradientSeed = 999;

    /// <summary>The function alone.</summary>
    public Workload Forward(double flops, double bytes, string suffix = "") => new(Name + suffix, Group, flops, bytes, EngineForward, LibtorchForward);

    /// <summary>The gradients of some inputs alone: the graph is made once and kept.</summary>
    public Workload Backward(double flops, double bytes, string suffix, params int[] of)
        => new(Name + suffix, Group, flops, bytes, device => EngineBackward(device, of, keep: true), () => LibtorchBackward(of, keep: true));

    /// <summary>The function, and the gradients of some inputs.</summary>
    public Workload Both(double flops, double bytes, string suffix, params int[] of)
        => new(Name + suffix, Group, flops, bytes, device => EngineBackward(device, of, keep: false), () => LibtorchBackward(of, keep: false));

    private Prepared EngineForward(CpuDevice device)
    {
        Tensor[] x = [.. Inputs.Select((given, i) => given.Engine(i + 1, device))];
        return new(() =>
        {
            using var scope = device.Scope();
            Engine(x);
        }, () => [Engine(x).ToArray()]);
    }

    private Prepared LibtorchForward()
    {
        Torch[] x = [.. Inputs.Select((given, i) => given.Libtorch(i + 1))];
        return new(() => Libtorch(x).Dispose(), () => [Libtorch(x).contiguous().data<float>().ToArray()]);
    }

    private Prepared EngineBackward(CpuDevice device, int[] of, bool keep)
    {
        Tensor[] x = [.. Inputs.Select((given, i) => given.Engine(i + 1, device))];
        Parameter[] wanted = [.. of.Select(i => new Parameter($"x{i}", x[i]))];
        for (int i = 0; i < of.Length; i++) x[of[i]] = wanted[i].Value;
        var y = Engine(x);
        var dy = new Given([.. y.Shape]).Engine(GradientSeed, device);
        return new(Run, () =>
        {
            Run();
            return [.. wanted.Select(p => p.Grad!.ToArray())];
        });

        void Run()
        {
            using var scope = device.Scope();
            foreach (var parameter in wanted) parameter.ZeroGrad();
            (keep ? y : Engine(x)).Backward(dy, retainGraph: keep);
        }
    }

    private Prepared LibtorchBackward(int[] of, bool keep)
    {
        Torch[] x = [.. Inputs.Select((given, i) => given.Libtorch(i + 1))];
        Torch[] wanted = [.. of.Select(i => x[i].requires_grad_())];
        return LibtorchGradients(() => Libtorch(x), wanted, keep);
    }

    /// <summary>The gradients of some tensors by libtorch.</summary>
    /// <param name="function">Makes the result, whose gradient is given.</param>
    /// <param name="wanted">What it was made from.</param>
    /// <param name="keep">Make the result once and keep its graph.</param>
    public static Prepared LibtorchGradients(Func<Torch> function, Torch[] wanted, bool keep)
    {
        var y = function();
        var dy = new Given([.. y.shape.Select(s => (int)s)]).Libtorch(GradientSeed);
        return new(() =>
        {
            foreach (var gradient in Run()) gradient.Dispose();
        }, () => [.. Run().Select(g => g.contiguous().data<float>().ToArray())]);

        IList<Torch> Run()
        {
            if (keep) return torch.autograd.grad([y], wanted, [dy], retain_graph: true);
            using var made = function();
            return torch.autograd.grad([made], wanted, [dy]);
        }
    }
}
