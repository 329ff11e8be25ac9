using Engine.Core;
using Engine.Kernels;
using Engine.Layers;

namespace Engine.Tests;

public class PretrainedFolderTests
{
    private sealed class Model : Layer
    {
        public Model(ulong seed)
        {
            Register("fused", new Linear(5, 6, new Rng(seed)));
            Register("head", new Linear(3, 2, new Rng(seed + 1)));
        }

        protected override Tensor Compute(Tensor x, Pass pass) => x;
    }

    /// <summary>As GPT-2's Conv1D, (in, out); and in three columns' groups.</summary>
    private static PretrainedNames Names(bool apart) => new()
    {
        Prefix = "trunk.",
        Of = path => path switch
        {
            "fused.weight" when apart => new(["trunk.q.w", "trunk.k.w", "trunk.v.w"], Transposed: true),
            "fused.bias" when apart => new(["trunk.q.b", "trunk.k.b", "trunk.v.b"], Transposed: true),
            "fused.weight" => new(["trunk.c.w"], Transposed: true),
            _ => new([path]),
        },
        MayBeDrawn = path => path.StartsWith("head.", StringComparison.Ordinal),
    };

    private static float[][] Numbers(Layer model) => [.. model.State().Select(s => s.Value.Value.ToArray())];

    [Test]
    public void Load_OfTransposedWeights_TurnsThemBack([Values] bool apart, [Values(DType.Float32, DType.Float16, DType.BFloat16)] DType dtype)
    {
        using var folder = new TemporaryFolder();
        var model = new Model(1);
        PretrainedFolder.Save(folder.Path, model, Names(apart), dtype, _ => { });
        using (var file = SafetensorsFile.Open(folder.File("model.safetensors")))
        {
            var part = file.Read(apart ? "trunk.k.w" : "trunk.c.w").Cast(DType.Float32);
            Assert.That(part.Shape, Is.EqualTo(apart ? new Shape(5, 2) : new Shape(5, 6)));
            var weight = model.State().First().Value.Value;
            Assert.That(part[3, 1].Item(), Is.EqualTo(weight[apart ? 3 : 1, 3].Cast(dtype).Cast(DType.Float32).Item()));
        }
        var again = new Model(7);
        using (var weights = new PretrainedFolder(folder.Path)) Assert.That(weights.Load(again, Names(apart), null).Drawn, Is.Empty);
        Assert.That(Numbers(again), Is.EqualTo(model.State().Select(s => s.Value.Value.Cast(dtype).Cast(DType.Float32).ToArray())));
    }

    [Test]
    public void Save_OfAConfigThatCannotBeWritten_LeavesTheFolderAsItIs()
    {
        using var folder = new TemporaryFolder();
        Assert.That(() => PretrainedFolder.Save(folder.File("new"), new Model(1), Names(false), DType.Float32, json => json.WriteNumber("epsilon", double.NaN)), Throws.ArgumentException);
        Assert.That(Directory.EnumerateFileSystemEntries(folder.Path), Is.Empty);
        PretrainedFolder.Save(folder.Path, new Model(1), Names(false), DType.Float32, _ => { });
        byte[] before = File.ReadAllBytes(folder.File("model.safetensors"));
        Assert.That(() => PretrainedFolder.Save(folder.Path, new Model(2), Names(false), DType.Float32, json => json.WriteNumber("epsilon", double.NaN)), Throws.ArgumentException);
        Assert.That(File.ReadAllBytes(folder.File("model.safetensors")), Is.EqualTo(before));
    }

    [Test]
    public void Load_OfNumbersWithDoubleTheBits_RoundsThem()
    {
        using var folder = new TemporaryFolder();
        PretrainedFolder.Save(folder.Path, new Model(1), Names(false), DType.Float32, _ => { });
        const string header = "{\"head.bias\":{\"dtype\":\"F64\",\"shape\":[2],\"data_offsets\":[0,16]}}";
        byte[] bytes = SafetensorsTests.Bytes(header, 16);
        BitConverter.GetBytes(1.5).CopyTo(bytes, bytes.Length - 16);
        BitConverter.GetBytes(1e-3).CopyTo(bytes, bytes.Length - 8);
        folder.Write("b.safetensors", bytes);
        File.Move(folder.File("model.safetensors"), folder.File("a.safetensors"));
        File.WriteAllText(folder.File("model.safetensors.index.json"),
            "{\"weight_map\": {\"trunk.c.w\": \"a.safetensors\", \"fused.bias\": \"a.safetensors\", \"head.weight\": \"a.safetensors\", \"head.bias\": \"b.safetensors\"}}");
        var model = new Model(7);
        using (var weights = new PretrainedFolder(folder.Path)) weights.Load(model, Names(false), null);
        Assert.That(model.State().Last().Value.Value.ToArray(), Is.EqualTo(new[] { 1.5f, 1e-3f }));
    }

    [Test]
    public void Load_ThatDoesNotFit_ChangesNothing()
    {
        using var folder = new TemporaryFolder();
        PretrainedFolder.Save(folder.Path, new Model(1), Names(true), DType.Float32, _ => { });
        var model = new Model(7);
        var before = Numbers(model);
        using var weights = new PretrainedFolder(folder.Path);
        var error = Assert.Throws<WeightsException>(() => weights.Load(model, Names(false), null))!;
        Assert.That(error.Missing, Is.EqualTo(new[] { "trunk.c.w", "fused.bias" }));
        Assert.That(Numbers(model), Is.EqualTo(before));
    }

    [Test]
    public void WhatWasLoaded_OutlivesTheFolder_AndItsFile()
    {
        if (OperatingSystem.IsWindows()) Assert.Ignore("Windows: a mapped file cannot be deleted.");
        var model = new Model(1);
        var again = new Model(7);
        using (var folder = new TemporaryFolder())
        {
            PretrainedFolder.Save(folder.Path, model, Names(false), DType.Float32, _ => { });
            using var weights = new PretrainedFolder(folder.Path);
            weights.Load(again, Names(false), null);
        }
        GC.Collect();
        GC.WaitForPendingFinalizers();
        Assert.That(Numbers(again), Is.EqualTo(Numbers(model)));
    }
}
