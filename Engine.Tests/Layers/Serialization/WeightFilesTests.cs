using System.Buffers.Binary;
using Engine.Core;
using Engine.Kernels;
using Engine.Layers;

namespace Engine.Tests;

public class WeightFilesTests
{
    private TemporaryFolder folder = null!;

    [SetUp]
    public void Make() => folder = new TemporaryFolder();

    [TearDown]
    public void Drop() => folder.Dispose();

    private static Sequential Model(ulong seed) => new() { { "conv", new Conv2d(1, 2, 3, new Rng(seed)) }, { "flat", new Flatten() }, { "fc", new Linear(8, 3, new Rng(seed + 1)) } };

    private static float[] Numbers(Layer model) => [.. model.State().SelectMany(s => s.Value.Value.ToArray())];

    public static IEnumerable<string> Devices => TestDevices.Names;

    [TestCaseSource(nameof(Devices))]
    public void LoadWeights_OfWhatSaveWeightsWrote_GivesTheSameModel(string name)
    {
        var device = TestDevices.Get(name);
        string path = folder.File("model.safetensors");
        Model(1).To(device).SaveWeights(path);
        var model = Model(5).To(device);
        int version = model.Parameters[0].Version;
        model.LoadWeights(path);
        Assert.That(Numbers(model), Is.EqualTo(Numbers(Model(1))));
        Assert.That(model.Parameters.All(p => p.Value.Device == device && p.Trainable));
        Assert.That(model.Parameters[0].Version, Is.GreaterThan(version), "a graph that saved the old numbers must notice");
    }

    [Test]
    public void LoadWeights_OwnsItsNumbers_SoTrainingDoesNotWriteToTheFile()
    {
        string path = folder.File("model.safetensors");
        Model(1).SaveWeights(path);
        byte[] before = File.ReadAllBytes(path);
        var model = Model(5);
        model.LoadWeights(path);
        model.Parameters[0].CopyFrom(new float[18]);
        Assert.That(File.ReadAllBytes(path), Is.EqualTo(before));
    }

    [Test]
    public void LoadWeights_ThatDoesNotFit_ListsEverythingAndChangesNothing()
    {
        string path = folder.File("other.safetensors");
        Tensor Zeros(params int[] shape) => Tensor.From(new float[new Shape(shape).Count], shape);
        Safetensors.Save(path, [new("conv.weight", Zeros(2, 1, 3, 3)), new("conv.bias", Zeros(3)), new("fc.weight", Tensor.From(new int[24], [3, 8])), new("fc.biass", Zeros(3)), new("more", Zeros(1))]);
        var model = Model(1);
        var error = Assert.Throws<WeightsException>(() => model.LoadWeights(path))!;
        Assert.That(error.Missing, Is.EqualTo(new[] { "fc.bias" }));
        Assert.That(error.Unexpected, Is.EquivalentTo(new[] { "fc.biass", "more" }));
        Assert.That(error.Mismatched, Has.Count.EqualTo(2));
        foreach (string part in new[] { path, "fc.bias", "more", "conv.bias is (3) F32 in the file and (2) Float32 in the model", "fc.weight is (3, 8) I32" })
            Assert.That(error.Message, Does.Contain(part));
        Assert.That(() => model.LoadWeights(path, strict: false), Throws.TypeOf<WeightsException>(), "shapes must always fit");
        Assert.That(Numbers(model), Is.EqualTo(Numbers(Model(1))));
    }

    [Test]
    public void LoadWeights_NotStrict_LoadsTheNamesThatAreThere()
    {
        string path = folder.File("part.safetensors");
        Safetensors.Save(path, [new("fc.bias", Tensor.From((float[])[1, 2, 3], [3])), new("more", Tensor.Scalar(1))]);
        var model = Model(1);
        Assert.That(() => model.LoadWeights(path), Throws.TypeOf<WeightsException>());
        model.LoadWeights(path, strict: false);
        Assert.That(model.NamedParameters().Single(p => p.Key == "fc.bias").Value.Value.ToArray(), Is.EqualTo(new[] { 1f, 2, 3 }));
        Assert.That(Numbers(model)[..^3], Is.EqualTo(Numbers(Model(1))[..^3]));
    }

    [Test]
    public void LoadWeights_OfHalfAndDoubleNumbers_WidensThem()
    {
        byte[] bytes = SafetensorsTests.Bytes("{\"weight\":{\"dtype\":\"F16\",\"shape\":[1,2],\"data_offsets\":[8,12]},\"bias\":{\"dtype\":\"F64\",\"shape\":[1],\"data_offsets\":[0,8]},"
            + "\"num_batches_tracked\":{\"dtype\":\"I64\",\"shape\":[],\"data_offsets\":[12,20]}}", 20);
        BinaryPrimitives.WriteDoubleLittleEndian(bytes.AsSpan(^20), -0.25);
        BinaryPrimitives.WriteHalfLittleEndian(bytes.AsSpan(^12), (Half)1.5);
        BinaryPrimitives.WriteHalfLittleEndian(bytes.AsSpan(^10), (Half)0.1);
        var model = new Linear(2, 1, new Rng(1));
        model.LoadWeights(folder.Write("half", bytes));
        Assert.That(Numbers(model), Is.EqualTo(new[] { 1.5f, (float)(Half)0.1, -0.25f }));
    }
}
