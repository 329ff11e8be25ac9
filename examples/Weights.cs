using System.CommandLine;
using Engine.Core;
using Engine.Kernels;
using Engine.Layers;

namespace Engine.Examples;

/// <summary><c>examples -- weights FILE</c>: MNIST's test images through a network that burn trained.</summary>
internal static class Weights
{
    public static Command Command()
    {
        var file = new Argument<string>("file") { Description = "mnist.safetensors of burn's example import-model-weights" };
        var data = new Option<string>("--data") { Description = "mnist, or a folder with the four IDX files", DefaultValueFactory = _ => "mnist" };
        var device = new Option<string>("--device") { Description = "cpu, reference, cuda:0, opencl:0 or emulated", DefaultValueFactory = _ => "cpu" };
        var command = new Command("weights", "Loads a network that another framework trained, and tests it on MNIST") { file, data, device };
        command.SetAction((result, cancel) => Task.Run(async () =>
        {
            using var where = GpuDevice.Open(result.GetValue(device)!);
            var model = new BurnMnist(new Rng(1)).To(where);
            model.LoadWeights(result.GetValue(file)!);
            var images = await ImageSource.Find(result.GetValue(data)!, cancel);
            Show.Start(model, images, where);
            Show.Classes(Cnn.Predict(model, images.Test, where, cancel), images);
            return 0;
        }, cancel));
        return command;
    }
}
