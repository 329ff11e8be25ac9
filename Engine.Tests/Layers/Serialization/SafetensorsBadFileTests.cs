using System.Text;
using CsCheck;
using Engine.Core;
using Engine.Layers;

namespace Engine.Tests;

public class SafetensorsBadFileTests
{
    private TemporaryFolder folder = null!;

    [SetUp]
    public void Make() => folder = new TemporaryFolder();

    [TearDown]
    public void Drop() => folder.Dispose();

    private static string Entry(string name, string shape, string offsets, string dtype = "F32")
        => $"\"{name}\":{{\"dtype\":\"{dtype}\",\"shape\":[{shape}],\"data_offsets\":[{offsets}]}}";

    private static IEnumerable<TestCaseData> BadHeaders()
    {
        TestCaseData Case(string name, string header, int data, string says) => new TestCaseData(header, data, says).SetArgDisplayNames(name);
        yield return Case("no JSON", "hello", 0, "begin with '{'");
        yield return Case("cut JSON", "{\"x\":", 0, "JSON");
        yield return Case("an array", "[1]", 0, "begin with '{'");
        yield return Case("text after the object", "{} {}", 0, "JSON");
        yield return Case("a bare text", "{\"x\":\"F32\"}", 0, "'x'");
        yield return Case("a field lacks", "{\"x\":{\"dtype\":\"F32\",\"shape\":[]}}", 4, "lacks");
        yield return Case("a field twice", "{\"x\":{\"dtype\":\"F32\",\"dtype\":\"F32\",\"shape\":[],\"data_offsets\":[0,4]}}", 4, "twice");
        yield return Case("a name twice", $"{{{Entry("x", "1", "0,4")},{Entry("x", "1", "4,8")}}}", 8, "this name");
        yield return Case("metadata twice", "{\"__metadata__\":{},\"__metadata__\":{}}", 0, "twice");
        yield return Case("metadata of numbers", "{\"__metadata__\":{\"a\":1}}", 0, "text");
        yield return Case("unknown dtype", $"{{{Entry("x", "1", "0,4", "F31")}}}", 4, "'F31'");
        yield return Case("negative size", $"{{{Entry("x", "-1", "0,4")}}}", 4, "negative");
        yield return Case("fractional size", $"{{{Entry("x", "1.5", "0,4")}}}", 4, "fraction");
        yield return Case("size 2^63", $"{{{Entry("x", "9223372036854775808", "0,4")}}}", 4, "2⁶³");
        yield return Case("size 1e400", $"{{{Entry("x", "1e400", "0,4")}}}", 4, "2⁶³");
        yield return Case("product 2^64", $"{{{Entry("x", "4294967296,4294967296", "0,0")}}}", 0, "does not take");
        yield return Case("product 2^126 and on", $"{{{Entry("x", "9223372036854775807,9223372036854775807,9223372036854775807", "0,4")}}}", 4, "does not take");
        yield return Case("begin after end", $"{{{Entry("x", "1", "4,0")}}}", 4, "after their end");
        yield return Case("end out of the file", $"{{{Entry("x", "2", "0,8")}}}", 4, "cut short");
        yield return Case("end 2^63 - 1", $"{{{Entry("x", "1", "0,9223372036854775807")}}}", 4, "cut short");
        yield return Case("bytes do not match", $"{{{Entry("x", "2", "0,4")}}}", 4, "does not take");
        yield return Case("overlap", $"{{{Entry("x", "2", "0,8")},{Entry("y", "2", "4,12")}}}", 12, "overlap");
        yield return Case("hole", $"{{{Entry("x", "1", "0,4")},{Entry("y", "1", "8,12")}}}", 12, "no tensor");
        yield return Case("bytes at the end", $"{{{Entry("x", "1", "0,4")}}}", 5, "5 bytes of data");
        yield return Case("three offsets", $"{{{Entry("x", "1", "0,4,4")}}}", 4, "3 numbers");
        yield return Case("too many axes", $"{{{Entry("x", string.Join(",", Enumerable.Repeat(1, 100)), "0,4")}}}", 4, "more than 64");
        yield return Case("deep", $"{{\"x\":{new string('[', 1_000_000)}", 0, "'x'");
        yield return Case("deep in a field unknown", $"{{\"x\":{{\"more\":{new string('[', 1_000_000)}", 0, "JSON");
        yield return Case("a lone surrogate", "{\"\\ud800\":1}", 0, "JSON");
    }

    [TestCaseSource(nameof(BadHeaders))]
    public void Open_ABadHeader_SaysWhatAndWhere(string header, int data, string says)
    {
        string path = folder.Write("bad.safetensors", SafetensorsTests.Bytes(header, data));
        var error = Assert.Throws<SafetensorsException>(() => SafetensorsFile.Open(path));
        Assert.That(error!.Message, Does.Contain(says).And.Contain(path));
        Assert.That(error.Message, Has.Length.LessThan(2000));
    }

    [Test]
    public void Open_InvalidUtf8_IsATypedError()
        => Assert.That(() => SafetensorsFile.Open(folder.Write("bad", SafetensorsTests.Bytes([.. "{\""u8, 0xC3, 0x28, .. "\":1}"u8], 0))), Throws.TypeOf<SafetensorsException>());

    [TestCase(0)]
    [TestCase(7)]
    [TestCase(8)]
    [TestCase(20)]
    public void Open_ATruncatedFile_IsATypedError(int length)
    {
        Safetensors.Save(folder.File("whole"), SafetensorsTests.Samples());
        byte[] whole = File.ReadAllBytes(folder.File("whole"));
        Assert.That(() => SafetensorsFile.Open(folder.Write("cut", whole[..length])), Throws.TypeOf<SafetensorsException>().With.Message.Contains("cut short"));
        Assert.That(() => SafetensorsFile.Open(folder.Write("cut", whole[..^1])), Throws.TypeOf<SafetensorsException>().With.Message.Contains("cut short"));
    }

    [TestCase(ulong.MaxValue)]
    [TestCase(1UL << 63)]
    [TestCase(100_000_001UL)]
    [TestCase(1000UL)]
    public void Open_AHeaderLengthOutOfTheFile_IsATypedError(ulong length)
    {
        byte[] bytes = SafetensorsTests.Bytes("{}", 0);
        BitConverter.TryWriteBytes(bytes, length);
        Assert.That(() => SafetensorsFile.Open(folder.Write("bad", bytes)), Throws.TypeOf<SafetensorsException>().With.Message.Contains($"{length}"));
    }

    [Test]
    public void Open_WhatIsNoFile_SaysSo()
    {
        Assert.That(() => SafetensorsFile.Open(folder.Path), Throws.InstanceOf<IOException>().With.Message.Contains("folder"));
        Assert.That(() => SafetensorsFile.Open(folder.File("none")), Throws.TypeOf<FileNotFoundException>());
        if (OperatingSystem.IsLinux()) Assert.That(() => SafetensorsFile.Open("/dev/zero"), Throws.TypeOf<SafetensorsException>());
    }

    [Test]
    public void Open_TypesThatTheEngineDoesNotRead_OnlyRefusesToReadThem()
    {
        using var file = SafetensorsFile.Open(folder.Write("other", SafetensorsTests.Bytes($"{{{Entry("a", "2", "0,1", "F4")},{Entry("b", "3", "1,4", "U8")}}}", 4)));
        Assert.That(() => file.Read("a"), Throws.TypeOf<SafetensorsException>().With.Message.Contains("F4"));
        Assert.That(file.Read("b").Count, Is.EqualTo(3));
    }

    /// <summary>Any file either opens, and then its tensors tile its bytes and can be read, or is refused by the typed error.</summary>
    private void OpensWellOrIsRefused(byte[] bytes)
    {
        string path = folder.Write(Path.GetRandomFileName(), bytes);
        try
        {
            using var file = SafetensorsFile.Open(path);
            long end = 0;
            foreach (string name in file.Names)
            {
                Assert.That(file[name].Begin, Is.EqualTo(end));
                end = file[name].End;
                try
                {
                    var tensor = file.Read(name);
                    if (tensor.Count > 0) tensor.CopyBytesTo(new byte[tensor.Count * Engine.Kernels.DTypes.Size(tensor.DType)]);
                }
                catch (SafetensorsException)
                {
                    // of a type that the engine does not read
                }
            }
            Assert.That(end, Is.LessThanOrEqualTo(bytes.Length - 8));
        }
        catch (SafetensorsException e)
        {
            Assert.That(e.File, Is.EqualTo(path));
        }
        finally
        {
            File.Delete(path);
        }
    }

    [Test]
    public void Open_AValidFileWithBytesChanged_ReadsOrIsRefused()
    {
        Safetensors.Save(folder.File("whole"), SafetensorsTests.Samples());
        byte[] whole = File.ReadAllBytes(folder.File("whole"));
        Gen.Select(Gen.Int[0, whole.Length - 1], Gen.Byte).Array[1, 4].Sample(changes =>
        {
            byte[] bytes = [.. whole];
            foreach (var (at, value) in changes) bytes[at] = value;
            OpensWellOrIsRefused(bytes);
        }, iter: 2000, threads: 1);
        Gen.Select(Gen.Int[0, whole.Length], Gen.Byte.Array[0, 20]).Sample((at, more) => OpensWellOrIsRefused([.. whole[..at], .. more]), iter: 500, threads: 1);
    }

    [Test]
    public void Open_HeadersOfAnySizesAndOffsets_ReadOrAreRefused()
    {
        var number = Gen.OneOf(Gen.Long[0, 12], Gen.Long);
        var entry = Gen.Select(Gen.OneOfConst("a", "b", "c"), Gen.OneOfConst("F32", "U8", "I64", "F4", "F6_E2M3", "X"), number.Array[0, 3], number, number);
        Gen.Select(entry.Array[0, 3], Gen.Int[0, 24]).Sample((entries, data) =>
        {
            var texts = entries.Select(e => Entry(e.Item1, string.Join(",", e.Item3), $"{e.Item4},{e.Item5}", e.Item2));
            OpensWellOrIsRefused(SafetensorsTests.Bytes($"{{{string.Join(",", texts)}}}", data));
        }, iter: 3000, threads: 1);
    }
}
