using Engine.Core;
using Engine.Kernels;
using Engine.Layers;
using TorchSharp;
using static TorchSharp.torch;

namespace Engine.Peers;

/// <summary>Whole models in both libraries: one step of training with Adam, or inference. Their parameters are the same numbers, the i-th of one being the i-th of
/// the other.</summary>
internal static class Models
{
    private const int ComparedSteps = 4;

    /// <summary>The engine's model on the device, with <see cref="Numbers.Parameter"/>.</summary>
    public static T Filled<T>(T model, Device device) where T : Layer
    {
        model.To(device);
        for (int i = 0; i < model.Parameters.Count; i++)
        {
            var parameter = model.Parameters[i];
            parameter.CopyFrom(Numbers.Parameter(i, parameter.Name, parameter.Shape.Sizes));
        }
        return model;
    }

    /// <summary>Libtorch's model with <see cref="Numbers.Parameter"/>.</summary>
    public static T Filled<T>(T model) where T : nn.Module
    {
        using var noGrad = no_grad();
        int i = 0;
        foreach (var (name, parameter) in model.named_parameters())
        {
            int[] shape = Array.ConvertAll(parameter.shape, s => (int)s);
            using var numbers = tensor(Numbers.Parameter(i++, name, shape), parameter.shape);
            parameter.copy_(numbers);
        }
        return model;
    }

    /// <summary>A step of the engine's: gradients cleared, forward, backward, Adam; the loss is read.</summary>
    public static Prepared Training(CpuDevice device, Layer model, Func<Tensor> loss, double learningRate = 1e-3)
    {
        var optimizer = new Adam(model.Parameters, learningRate);
        return new(() => Step(), () => [[.. Enumerable.Range(0, ComparedSteps).Select(_ => Step())]]);

        float Step()
        {
            using var scope = device.Scope("a step");
            optimizer.ZeroGrad();
            var value = loss();
            value.Backward();
            optimizer.Step();
            return (float)value.Item();
        }
    }

    /// <summary>A step of libtorch's: the same.</summary>
    public static Prepared Training(nn.Module model, Func<Torch> loss, double learningRate = 1e-3)
    {
        model.train();
        var optimizer = optim.Adam(model.parameters(), learningRate);
        return new(() => Step(), () => [[.. Enumerable.Range(0, ComparedSteps).Select(_ => Step())]]);

        float Step()
        {
            using var scope = NewDisposeScope();
            optimizer.zero_grad();
            var value = loss();
            value.backward();
            optimizer.step();
            return value.item<float>();
        }
    }

    /// <summary>The engine's inference.</summary>
    public static Prepared Inference(CpuDevice device, Func<Tensor> compute)
    {
        return new(() =>
        {
            using var noGrad = NoGrad.Begin();
            using var scope = device.Scope("inference");
            compute();
        }, () =>
        {
            using var noGrad = NoGrad.Begin();
            return [compute().ToArray()];
        });
    }

    /// <summary>Libtorch's inference.</summary>
    public static Prepared Inference(nn.Module model, Func<Torch> compute)
    {
        model.eval();
        return new(() =>
        {
            using var mode = inference_mode();
            using var scope = NewDisposeScope();
            compute();
        }, () =>
        {
            using var mode = inference_mode();
            return [compute().contiguous().data<float>().ToArray()];
        });
    }

    /// <summary>The bytes that a step must move: weights, their gradients and Adam's two averages are read, all but the gradients written, and those once too.</summary>
    public static double TrainingBytes(double parameters, double inputs) => 4 * (8 * parameters + inputs);
}
