using System.Buffers.Binary;
using System.Text;
using Engine.Core;
using Engine.Kernels;
using Engine.Layers;

namespace Engine.Tests;

public class SafetensorsTests
{
    private TemporaryFolder folder = null!;

    [SetUp]
    public void Make() => folder = new TemporaryFolder();

    [TearDown]
    public void Drop() => folder.Dispose();

    internal static byte[] Bytes(string header, int dataLength) => Bytes(Encoding.UTF8.GetBytes(header), dataLength);

    internal static byte[] Bytes(byte[] header, int dataLength)
    {
        var bytes = new byte[8 + header.Length + dataLength];
        BinaryPrimitives.WriteInt64LittleEndian(bytes, header.Length);
        header.CopyTo(bytes, 8);
        return bytes;
    }

    internal static KeyValuePair<string, Tensor>[] Samples(Device? device = null) =>
    [
        new("bytes", Tensor.From((byte[])[1, 2, 3], [3], device)),
        new("fc.weight", Tensor.From((float[])[1.5f, -2, 3e-40f, float.NaN, float.PositiveInfinity, 0], [2, 3], device)),
        new("schlüssel \"7\"\n", Tensor.From((int[])[int.MinValue, 7], [2, 1, 1], device)),
        new("scalar", Tensor.From((float[])[42], [], device)),
        new("empty", Tensor.From((float[])[], [0, 5], device)),
    ];

    public static IEnumerable<string> Devices => TestDevices.Names;

    [TestCaseSource(nameof(Devices))]
    public void Save_ThenRead_GivesTheSameNumbers(string name)
    {
        var device = TestDevices.Get(name);
        string path = folder.File("a.safetensors");
        Safetensors.Save(path, Samples(device), new Dictionary<string, string> { ["format"] = "pt", ["note"] = "ü\"" });
        using var file = SafetensorsFile.Open(path);
        Assert.That(file.Metadata, Is.EquivalentTo(new Dictionary<string, string> { ["format"] = "pt", ["note"] = "ü\"" }));
        Assert.That(file.Names, Is.EquivalentTo(Samples().Select(s => s.Key)));
        foreach (var (key, expected) in Samples())
        {
            var read = file.Read(key, device);
            Assert.That(read.Shape, Is.EqualTo(expected.Shape));
            Assert.That(read.DType, Is.EqualTo(expected.DType));
            Assert.That(read.Device, Is.SameAs(device));
            Assert.That(read.Name, Is.EqualTo(key));
            Assert.That(Raw(read), Is.EqualTo(Raw(expected)), key);
        }
        Assert.That(Directory.GetFiles(folder.Path), Has.Length.EqualTo(1), "a temporary file is left");
    }

    private static byte[] Raw(Tensor tensor)
    {
        var bytes = new byte[tensor.Count * tensor.DType.Size()];
        tensor.CopyBytesTo(bytes);
        return bytes;
    }

    [Test]
    public void Save_PutsEachTensorAtAMultipleOfItsNumbersSize()
    {
        string path = folder.File("a.safetensors");
        Safetensors.Save(path, Samples());
        using var file = SafetensorsFile.Open(path);
        long start = new FileInfo(path).Length - file.Names.Max(n => file[n].End);
        Assert.That(start % 8, Is.Zero);
        foreach (string name in file.Names.Where(n => file[n].Type is "F32" or "I32")) Assert.That(file[name].Begin % 4, Is.Zero, name);
    }

    [Test]
    public void Read_OnTheMap_ComputesAtAnyAlignment_AndOutlivesTheFile()
    {
        // The odd header puts the numbers at an odd address.
        const string Header = "{\"x\":{\"dtype\":\"F32\",\"shape\":[33],\"data_offsets\":[1,133]},\"b\":{\"dtype\":\"U8\",\"shape\":[1],\"data_offsets\":[0,1]}}";
        float[] numbers = [.. Enumerable.Range(-16, 33).Select(i => (float)i)];
        byte[] bytes = Bytes(Header, 133);
        System.Runtime.InteropServices.MemoryMarshal.AsBytes(numbers.AsSpan()).CopyTo(bytes.AsSpan(8 + Header.Length + 1));
        Tensor x;
        using (var file = SafetensorsFile.Open(folder.Write("odd.safetensors", bytes))) x = file.Read("x");
        File.Delete(folder.File("odd.safetensors"));
        GC.Collect();
        GC.WaitForPendingFinalizers();
        Assert.That(x.Relu().ToArray(), Is.EqualTo(numbers.Select(n => Math.Max(n, 0))));
        Assert.That(x.ToArray(), Is.EqualTo(numbers));
    }

    [Test]
    public void Read_AfterDispose_ThrowsObjectDisposed()
    {
        Safetensors.Save(folder.File("a"), Samples());
        var file = SafetensorsFile.Open(folder.File("a"));
        file.Dispose();
        Assert.That(() => file.Read("scalar"), Throws.InstanceOf<ObjectDisposedException>());
    }

    [Test]
    public void Read_I64AndF64_ConvertWhereEveryNumberFits()
    {
        string path = Wide(7, 1.5);
        using var file = SafetensorsFile.Open(path);
        Assert.That(file.Read("count").ToArray<int>(), Is.EqualTo(new[] { 7 }));
        Assert.That(file.Read("mean").ToArray(), Is.EqualTo(new[] { 1.5f }));
    }

    [Test]
    public void Read_I64AndF64_RefuseNumbersThatDoNotFit()
    {
        using var file = SafetensorsFile.Open(Wide(1L << 31, 1e39));
        Assert.That(() => file.Read("count"), Throws.TypeOf<SafetensorsException>().With.Message.Contains("'count'").And.Message.Contains("2147483648"));
        Assert.That(() => file.Read("mean"), Throws.TypeOf<SafetensorsException>().With.Message.Contains("'mean'"));
    }

    private string Wide(long count, double mean)
    {
        const string Header = "{\"count\":{\"dtype\":\"I64\",\"shape\":[],\"data_offsets\":[0,8]},\"mean\":{\"dtype\":\"F64\",\"shape\":[1],\"data_offsets\":[8,16]}}";
        byte[] bytes = Bytes(Header, 16);
        BinaryPrimitives.WriteInt64LittleEndian(bytes.AsSpan(^16), count);
        BinaryPrimitives.WriteDoubleLittleEndian(bytes.AsSpan(^8), mean);
        return folder.Write("wide.safetensors", bytes);
    }

    [Test]
    public void Read_UnknownName_NamesTheFileAndWhatItHas()
    {
        Safetensors.Save(folder.File("a"), Samples());
        using var file = SafetensorsFile.Open(folder.File("a"));
        Assert.That(() => file.Read("fc.wieght"), Throws.TypeOf<KeyNotFoundException>().With.Message.Contains("fc.weight"));
    }

    [Test]
    public void Save_TheSameNameTwice_IsRefusedAndWritesNothing()
    {
        var x = Tensor.Scalar(1);
        Assert.That(() => Safetensors.Save(folder.File("a"), [new("x", x), new("x", x)]), Throws.ArgumentException);
        Assert.That(() => Safetensors.Save(folder.File("a"), [new("__metadata__", x)]), Throws.ArgumentException);
        Assert.That(Directory.GetFiles(folder.Path), Is.Empty);
    }

    [Test]
    public void Save_OverALink_ReplacesWhatItPointsTo()
    {
        Safetensors.Save(folder.File("real"), Samples());
        File.CreateSymbolicLink(folder.File("link"), folder.File("real"));
        Safetensors.Save(folder.File("link"), [new("only", Tensor.Scalar(1))]);
        Assert.That(new FileInfo(folder.File("link")).LinkTarget, Is.Not.Null);
        using var file = SafetensorsFile.Open(folder.File("real"));
        Assert.That(file.Names, Is.EqualTo(new[] { "only" }));
    }

    [Test]
    public void Save_WhereThereIsNoFolder_SaysSo()
    {
        Assert.That(() => Safetensors.Save(folder.File("no/where"), Samples()), Throws.InstanceOf<IOException>().With.Message.Contains("no folder"));
        Assert.That(() => Safetensors.Save(folder.Path, Samples()), Throws.InstanceOf<IOException>().With.Message.Contains("is a folder"));
    }
}
