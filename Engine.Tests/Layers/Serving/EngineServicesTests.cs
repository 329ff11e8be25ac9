using Engine.Core;
using Engine.Kernels;
using Engine.Layers;
using Microsoft.Extensions.DependencyInjection;

namespace Engine.Tests.Layers;

public class EngineServicesTests
{
    private static readonly PredictorOptions OneNumber = new() { InputShape = new Shape(1) };

    private static Linear Times(float factor)
    {
        var layer = new Linear(1, 1, new Rng(1), bias: false);
        layer.Parameters[0].CopyFrom([factor]);
        return layer;
    }

    [Test]
    public void AddEngine_RegistersTheProcessor_AndPredictorsByName()
    {
        using var folder = new TemporaryFolder();
        string path = Path.Combine(folder.Path, "five.safetensors");
        Times(5).SaveWeights(path);
        int made = 0;
        var services = new ServiceCollection();
        services.AddEngine()
            .AddPredictor(null, () => Times(2), OneNumber)
            .AddPredictor("three", _ =>
            {
                made++;
                return new Predictor(Times(3), OneNumber);
            })
            .AddPredictor("five", () => Times(1), path, OneNumber);
        using var provider = services.BuildServiceProvider();
        Assert.That(provider.GetRequiredService<Device>(), Is.SameAs(Device.Cpu));
        Assert.That(provider.GetRequiredService<Predictor>().Predict([10f]), Is.EqualTo(new[] { 20f }));
        Assert.That(made, Is.Zero, "made before it was asked for");
        Assert.That(provider.GetRequiredKeyedService<Predictor>("three").Predict([10f]), Is.EqualTo(new[] { 30f }));
        Assert.That(provider.GetRequiredKeyedService<Predictor>("three"), Is.SameAs(provider.GetRequiredKeyedService<Predictor>("three")));
        Assert.That(made, Is.EqualTo(1));
        Assert.That(provider.GetRequiredKeyedService<Predictor>("five").Predict([10f]), Is.EqualTo(new[] { 50f }));
        Assert.That(provider.GetKeyedService<Predictor>("none"), Is.Null);
    }

    [Test]
    public void AddEngine_WithADevice_PutsPredictorsThere_AndDisposesThemAtTheEnd()
    {
        var services = new ServiceCollection();
        services.AddEngine(_ => new CpuDevice(2)).AddPredictor("two", () => Times(2), OneNumber);
        Predictor predictor;
        using (var provider = services.BuildServiceProvider())
        {
            predictor = provider.GetRequiredKeyedService<Predictor>("two");
            Assert.That(predictor.Device, Is.SameAs(provider.GetRequiredService<Device>()));
            Assert.That(predictor.Device, Is.Not.SameAs(Device.Cpu));
            Assert.That(predictor.Predict([1f]), Is.EqualTo(new[] { 2f }));
        }
        Assert.That(() => predictor.Predict([1f]), Throws.TypeOf<ObjectDisposedException>());
    }

    [Test]
    public void AddEngine_KeepsADeviceRegisteredBefore_AndRefusesANameTwice()
    {
        using var device = new CpuDevice(1);
        var services = new ServiceCollection();
        services.AddSingleton<Device>(device);
        var engine = services.AddEngine().AddPredictor("a", () => Times(2)).AddPredictor(null, () => Times(2));
        Assert.That(() => engine.AddPredictor("a", () => Times(3)), Throws.ArgumentException.With.Message.Contains("'a'"));
        Assert.That(() => engine.AddPredictor(null, () => Times(3)), Throws.ArgumentException);
        using var provider = services.BuildServiceProvider();
        Assert.That(provider.GetRequiredService<Device>(), Is.SameAs(device));
        Assert.That(provider.GetRequiredService<Predictor>().Device, Is.SameAs(device));
    }
}
