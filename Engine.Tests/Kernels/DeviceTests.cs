using Engine.Core;
using Engine.Kernels;
using Engine.Tests.Conformance;

namespace Engine.Tests;

public class DeviceTests
{
    public static IEnumerable<TestCaseData> PairsByType()
        => from a in TestDevices.Names
           from b in TestDevices.Names
           from dtype in Enum.GetValues<DType>()
           select new TestCaseData(a, b, dtype);

    [TestCaseSource(nameof(PairsByType))]
    public void To_CopiesTheNumbers(string from, string to, DType dtype)
    {
        double[] numbers = dtype is DType.UInt8 ? [0, 1, 2, 128, 255] : dtype is DType.Int32 ? [0, -1, int.MaxValue, int.MinValue, 7] : [0, -1, 2, -128, 127];
        var x = TypedTensors.Make(numbers, [5], dtype, TestDevices.Get(from));
        var y = x.To(TestDevices.Get(to));
        Assert.That((y.DType, y.Shape, y.Device), Is.EqualTo((dtype, x.Shape, TestDevices.Get(to))));
        Assert.That(ConformanceTests.Doubles(y), Is.EqualTo(numbers));
    }

    [Test]
    public void To_ReferenceDevice_KeepsFullPrecision()
    {
        using var other = new ReferenceDevice();
        var x = Tensor.From([0.1], [1], TestDevices.Reference).To(other);
        Assert.That(x.ToArray<double>()[0], Is.EqualTo(0.1));
    }

    [TestCaseSource(typeof(TestDevices), nameof(TestDevices.Names))]
    public void To_TakesAPartOfAStorage(string to)
    {
        var x = Tensor.From([1f, 2, 3, 4, 5, 6], [3, 2])[1..].To(TestDevices.Get(to));
        Assert.That(x.ToArray(), Is.EqualTo(new[] { 3f, 4, 5, 6 }));
    }

    [TestCase("cuda:99")]
    [TestCase("opencl:99")]
    public void Open_ADeviceThatIsNotThere_NamesThoseThatAre(string name)
        => Assert.That(() => GpuDevice.Open(name),
            Throws.TypeOf<DeviceException>().With.Message.Contains(name).And.Message.Contains("cpu").And.Message.Contains("emulated"));

    [TestCase("")]
    [TestCase("gpu")]
    [TestCase("cuda:")]
    [TestCase("cuda:-1")]
    [TestCase("cuda:one")]
    [TestCase("cuda:0:1")]
    [TestCase("opencl:99999999999")]
    [TestCase("cpu:0")]
    [TestCase("emulated:1")]
    public void Open_ANameThatIsNone_SaysWhichNamesThereAre(string name)
        => Assert.That(() => GpuDevice.Open(name), Throws.TypeOf<DeviceException>().With.Message.Contains("Names are"));

    [TestCase(" CPU ")]
    [TestCase("Reference")]
    public void Open_TakesAnyCase(string name) => Assert.That(GpuDevice.Open(name).Name, Is.EqualTo(name.Trim().ToLowerInvariant()));

    [Test]
    public void Kernels_RefuseAViewOfAnotherDevice()
    {
        View here = Numbers(Device.Cpu), there = Numbers(TestDevices.Reference);
        Assert.That(() => Device.Cpu.Unary<Relu>(here, there),
            Throws.TypeOf<DeviceException>().With.Message.Contains("Unary").And.Message.Contains("reference").And.Message.Contains("To(device)"));
        Assert.That(() => Tensor.Ones([1]) + Tensor.Ones([1], TestDevices.Reference),
            Throws.TypeOf<DeviceException>().With.Message.Contains("Add").And.Message.Contains("reference"));
    }

    [Test]
    public void Kernels_RefuseAnotherTypeOrLength()
    {
        View floats = Numbers(Device.Cpu), ints = new(Device.Cpu.Allocate(DType.Int32, 3)), more = new(Device.Cpu.Allocate(DType.Float32, 4));
        Assert.That(() => Device.Cpu.Unary<Relu>(ints, floats), Throws.TypeOf<DTypeException>().With.Message.Contains("Unary: x is Int32"));
        Assert.That(() => Device.Cpu.Unary<Relu>(floats, more), Throws.ArgumentException.With.Message.Contains("Unary: y has 4"));
        Assert.That(() => Device.Cpu.Upload(new byte[3], floats), Throws.ArgumentException);
        Assert.That(() => Device.Cpu.Download(floats, new byte[13]), Throws.ArgumentException);
        Assert.That(() => Device.Cpu.Unary<Relu>(default, floats), Throws.ArgumentNullException);
    }

    [TestCase(-1, 1)]
    [TestCase(0, 4)]
    [TestCase(4, 0)]
    [TestCase(2, int.MaxValue)]
    public void Slice_OutsideTheView_IsAnError(int offset, int length)
        => Assert.That(() => Numbers(Device.Cpu).Slice(offset, length), Throws.TypeOf<IndexException>());

    [Test]
    public void Dispose_OfTheSharedProcessor_IsNothing()
    {
        Device.Cpu.Dispose();
        Assert.That(Tensor.Ones([2]).ToArray(), Is.EqualTo(new[] { 1f, 1 }));
    }

    [TestCaseSource(typeof(TestDevices), nameof(TestDevices.Names))]
    public void Kernels_OfOneDevice_MayBeCalledFromManyThreads(string name)
    {
        var device = TestDevices.Get(name);
        int n = name == "emulated" ? 20 : 1000;
        Parallel.For(0, 4, new ParallelOptions { MaxDegreeOfParallelism = 4 }, thread =>
        {
            for (int i = 0; i < 5; i++)
            {
                var x = Tensor.Full([n], thread, device);
                Assert.That((x * x + 1.0).ToArray(), Is.All.EqualTo(thread * thread + 1f));
            }
        });
    }

    private static View Numbers(Device device)
    {
        var view = new View(device.Allocate(DType.Float32, 3));
        device.Upload([1.0, 2, 3], view);
        return view;
    }
}
