using Engine.Core;
using Engine.Examples;
using Engine.Layers;

namespace Engine.Tests;

/// <summary>A network that another framework trained gives that framework's answers.</summary>
public class TrainedWeightsTests
{
    [Test]
    public void BurnMnist_OnMnistsTestImages_Gets9900Of10000Right()
    {
        var folders = new DataFolders();
        string weights = Path.Combine(folders.Given ?? "", "weights", "mnist-conv-bn.safetensors");
        if (!File.Exists(weights) || folders.Find(ImageFiles.Mnist) is not { } folder)
        {
            Assert.Ignore("weights/mnist-conv-bn.safetensors or mnist: ENGINE_DATA names no folder that has them.");
            return;
        }
        var device = TestDevices.Get("cpu");
        var model = new BurnMnist(new Rng(1)).To(device);
        model.LoadWeights(weights);
        var images = ImageFiles.Read(folder).Test;
        int right = 0;
        foreach (int[] indices in Enumerable.Range(0, images.Count).Chunk(500))
        {
            using var scope = device.Scope();
            var (x, classes) = images.Batch(indices, device);
            right += model.Predict(x).ArgMax(1).ToArray<int>().Zip(classes.ToArray<int>()).Count(pair => pair.First == pair.Second);
        }
        Assert.That(right, Is.GreaterThanOrEqualTo(9900));
    }
}
