using Engine.Layers;
using TorchSharp;
using static TorchSharp.torch;

namespace Engine.Peers;

/// <summary>Adam's step alone, on ResNet-18's 11 million parameters with gradients that stay.</summary>
internal static class OptimizerWorkloads
{
    private const int ComparedSteps = 3, GradientSeed = 1000;

    public static IEnumerable<Workload> All => [AdamStep()];

    private static Workload AdamStep()
    {
        const double Parameters = 11_173_962;
        // Read: weight, gradient, both averages; written: all but the gradient.
        return new("adam 11M", Group.Memory, 0, 4 * 7 * Parameters,
            device =>
            {
                var model = Models.Filled(Benchmarks.ResNet18.Build(new Core.Rng(1)), device);
                for (int i = 0; i < model.Parameters.Count; i++)
                {
                    using var scope = device.Scope();
                    var parameter = model.Parameters[i].Value;
                    (parameter * Tensor.From(Numbers.Uniform(parameter.Count, GradientSeed + i), parameter.Shape, device)).Sum().Backward();
                }
                var optimizer = new Adam(model.Parameters);
                return new(optimizer.Step, () =>
                {
                    for (int i = 0; i < ComparedSteps; i++) optimizer.Step();
                    return [.. model.Parameters.Select(p => p.Value.ToArray())];
                });
            },
            () =>
            {
                var model = Models.Filled(ResNetWorkloads.LibtorchModel());
                Torch[] parameters = [.. model.parameters()];
                for (int i = 0; i < parameters.Length; i++)
                {
                    using var scope = NewDisposeScope();
                    (parameters[i] * tensor(Numbers.Uniform((int)parameters[i].numel(), GradientSeed + i), parameters[i].shape)).sum().backward();
                }
                var optimizer = optim.Adam(model.parameters());
                return new(Step, () =>
                {
                    for (int i = 0; i < ComparedSteps; i++) Step();
                    return [.. parameters.Select(p => p.data<float>().ToArray())];
                });

                void Step()
                {
                    using var scope = NewDisposeScope();
                    optimizer.step();
                }
            });
    }
}
