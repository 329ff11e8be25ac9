using System.Reflection;
using Engine.Kernels;

namespace Engine.Tests.Conformance;

/// <summary>The functions and reducers that generic kernels take, found by reflection.</summary>
internal static class Functors
{
    /// <summary>Each struct that a generic kernel's first type parameter admits.</summary>
    public static IEnumerable<Type> Of(MethodInfo kernel)
    {
        var constraints = kernel.GetGenericArguments()[0].GetGenericParameterConstraints().Where(c => c.IsInterface).ToArray();
        Assert.That(constraints, Is.Not.Empty, $"{kernel.Name} takes any type");
        return Of(constraints);
    }

    public static IEnumerable<Type> Of(params Type[] interfaces)
        => typeof(Device).Assembly.GetTypes().Where(t => t.IsValueType && !t.IsGenericTypeDefinition && interfaces.All(i => Implements(t, i)));

    private static bool Implements(Type type, Type contract)
        => contract.ContainsGenericParameters
            ? type.GetInterfaces().Any(i => i.IsGenericType && i.GetGenericTypeDefinition() == contract.GetGenericTypeDefinition())
            : contract.IsAssignableFrom(type);

    /// <summary>Its static Name.</summary>
    public static string Name(Type function)
        => (string)function.GetProperty("Name", BindingFlags.Static | BindingFlags.Public)!.GetValue(null)!;
}
